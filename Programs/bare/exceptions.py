"""Exception types: construction, attributes, messages, groups."""


class E2(Exception):
    pass


def show(source):
    try:
        print(source, "->", repr(eval(source)))
    except BaseException as exc:
        print(source, "->", type(exc).__name__, exc)


for source in [
    '[a for a in dir(ImportError) if a not in dir(Exception)]',
    '[a for a in dir(AttributeError) if a not in dir(Exception)]',
    '[a for a in dir(NameError) if a not in dir(Exception)]',
    "ImportError('a',name='b',path='c',name_from='d').__reduce__()",
    "AttributeError('a',name='b',obj='c').__reduce__()",
    "NameError('a',name='b').__reduce__()",
    "ImportError('a',foo=1)",
    "NameError('a',foo=1)",
    'AttributeError(foo=1)',
    'AttributeError.__getstate__',
    "AttributeError('a').__getstate__()",
    "SyntaxError('a',(1,))",
    "SyntaxError('a',(1,2,3,4,5))",
    "SyntaxError('a',1)",
    "str(SyntaxError('a',('f/g.py',2,3,'t')))",
    "str(SyntaxError('a',('f/g.py',None,3,'t')))",
    "str(SyntaxError('a',(None,7,3,'t')))",
    'str(SyntaxError())',
    "str(SyntaxError('a',(b'x',1,2,'')))",
    'UnicodeEncodeError(1)',
    "UnicodeEncodeError('a',1,1,1,1)",
    "UnicodeDecodeError('a',1,1,1,'')",
    "UnicodeDecodeError('a','x',1,1,'')",
    "UnicodeTranslateError('a')",
    "str(UnicodeEncodeError('a','bcd',1,2,'r'))",
    "str(UnicodeEncodeError('a','bcd',1,3,'r'))",
    "str(UnicodeDecodeError('a',b'bcd',1,2,'r'))",
    "str(UnicodeTranslateError('b\\u1234',1,2,'r'))",
    "str(UnicodeTranslateError('b\\U00012344',1,2,'r'))",
    "str(UnicodeTranslateError('b\\U00012344',5,2,'r'))",
    'UnicodeEncodeError.__new__(UnicodeEncodeError).object',
    'str(UnicodeEncodeError.__new__(UnicodeEncodeError))',
    'ValueError(a=1)',
    'E2(a=1)',
    'OSError(1,2,3,4,5,6)',
    "OSError(1,'m','f').__reduce__()",
    "OSError(1,'m','f',None,'g').__reduce__()",
    "OSError(1,'m','f',7,'g')",
    "str(OSError(1,'m','f',7,'g'))",
    "OSError(1,'m').args",
    'OSError(a=1)',
    "BlockingIOError(1,'a','b').filename",
    "BlockingIOError(1,'a',3).characters_written",
    "BlockingIOError(11,'a',3).args",
    "OSError(1,'a').characters_written",
    "OSError(2,'a',3)",
    "delattr(OSError(),'characters_written')",
    "setattr(OSError(),'characters_written','x')",
    "BaseExceptionGroup('a')",
    'BaseExceptionGroup(1,[])',
    "BaseExceptionGroup('a',1)",
    "BaseExceptionGroup('a',[])",
    "BaseExceptionGroup('a',[1])",
    "ExceptionGroup('a',[BaseException()])",
    "type('X',(ExceptionGroup,),{})('a',[KeyboardInterrupt()])",
    "type('X',(BaseExceptionGroup,Exception),{})('a',[KeyboardInterrupt()])",
    "BaseExceptionGroup('a',[ValueError()])",
    "str(ExceptionGroup('a',[ValueError()]))",
    "str(ExceptionGroup('a',[ValueError(),ValueError()]))",
    "ExceptionGroup('a',[ValueError()]).split(1)",
    "ExceptionGroup('a',[ValueError()]).split(len)",
    "ExceptionGroup('a',[ValueError()]).split(lambda x:1)",
    "ExceptionGroup('a',[ValueError()]).split((ValueError,int))",
    "ExceptionGroup('a',[ValueError()]).split(int)",
    "ExceptionGroup('a',[ValueError()]).subgroup(TypeError)",
    "ExceptionGroup('a',[ValueError()]).derive(1)",
    "ExceptionGroup('a',[ValueError()]).derive([1])",
    "ExceptionGroup('a',[ValueError()],a=1)",
    "ExceptionGroup('a',{1})",
    "ExceptionGroup('a','')",
    'ExceptionGroup.__module__',
    "setattr(ValueError(),'__traceback__',1)",
    "delattr(ValueError(),'__traceback__')",
    "setattr(ValueError(),'__cause__',1)",
    "setattr(ValueError(),'__context__',1)",
    "delattr(ValueError(),'__cause__')",
    "delattr(ValueError(),'__context__')",
    "delattr(ValueError(),'args')",
    'ValueError().add_note(1)',
    'ValueError().__setstate__(1)',
    'ValueError().with_traceback(1)',
    "delattr(ValueError(),'__suppress_context__')",
    "setattr(ValueError(),'__suppress_context__',1)",
    "setattr(ValueError(),'args',1)",
    'sorted(BaseException.__dict__)',
    'BaseException.__text_signature__',
    "repr(ValueError('a'))",
    'repr(KeyError())',
    'SystemExit().code',
    'SystemExit(1,2).code',
    'StopIteration(1,2).value',
    "str(KeyError('a'))",
    ("[str(e) for e in (OSError(),OSError(1),OSError(1,2),OSError(1,None,'f'),OSError('x',"
     "'y','z','w','v'))]"),
    "OSError(10**40,'x')",
    "type(OSError(17,'x'))",
    "type('S',(OSError,),{})(2,'x')",
    "type('S',(OSError,),{'__init__':lambda s,*a,**k:None})(2,'x',a=1).args",
    "type('S',(OSError,),{'__new__':lambda c,*a,**k:OSError.__new__(c,*a)})(2,'x').errno",
    ("type('S',(OSError,),{'__init__':lambda s,*a,**k:OSError.__init__(s,3,'q','f')})(2,'x',"
     "a=1).filename"),
    "OSError.__new__(OSError,2,'a','b').filename",
    "BlockingIOError(11,'a',b'x').filename",
    "UnicodeDecodeError('a',bytearray(b'xyz'),0,1,'r').object",
    "UnicodeDecodeError('a',memoryview(b'xyz'),-5,10,'r').start",
    "str(UnicodeEncodeError('a','\\xff\\u1234',0,1,'r'))",
    "str(UnicodeEncodeError('a','x',5,1,'r'))",
    'StopIteration().value',
    'repr(StopIteration((1,2)).value)',
    'MemoryError(1).args',
    '[MemoryError() for _ in range(40)][3].args',
    "NameError('a',name=3).name",
    'SystemExit((1,)).code',
    "IndentationError('a',('f',1,2,'t',3,4)).end_lineno",
    "SyntaxError('m',('f',1,2,'t')).print_file_and_line",
    'KeyError(1,2).__str__()',
    "ImportError('x','y',name=1).msg",
    "ModuleNotFoundError('x',name='q').__reduce__()",
    "AttributeError('x',obj=1).__reduce__()",
    "repr(type('E',(ValueError,),{'__module__':'m'})(1,2))",
    "ExceptionGroup('g',(ValueError(1),TypeError(2))).split(lambda e:isinstance(e,ValueError))",
    ("ExceptionGroup('g',(ValueError(1),ExceptionGroup('h',[TypeError(2),"
     "ValueError(3)]))).split(ValueError)"),
    ("ExceptionGroup('g',(ValueError(1),ExceptionGroup('h',[TypeError(2),"
     "ValueError(3)]))).subgroup((TypeError,KeyError))"),
    ("type('G',(BaseExceptionGroup,),{'derive':lambda s,e:1})('x',[ValueError(),"
     "TypeError()]).split(ValueError)"),
    ("type('G',(ExceptionGroup,),{'derive':lambda s,e:type(s)(s.message,e)})('x',"
     "[ValueError(),TypeError()]).split(ValueError)"),
    "BaseExceptionGroup('x',[KeyboardInterrupt()])",
    'ExceptionGroup[int]',
    "repr(ExceptionGroup('a',[ValueError()]).exceptions)",
    "setattr(ExceptionGroup('a',[ValueError()]),'message',1)",
    "ExceptionGroup('x',[ValueError()]).split()",
    "ExceptionGroup('x',[ValueError()]).derive()",
    "[x for x in (ValueError(),) if not x.add_note('a') and not x.add_note('b')][0].__notes__",
    "setattr(ValueError(),'__notes__',1)",
    "ValueError(1).__setstate__({'a':1})",
    'ValueError(1).__reduce__()',
    "[e for e in (ValueError(2),) if not setattr(e,'x',1)][0].__reduce__()",
    "delattr(ValueError(),'__dict__')",
    'ValueError().__context__',
    "setattr(ValueError(),'__cause__',KeyError())",
    "[e for e in (ValueError(),) if not setattr(e,'__cause__',None)][0].__suppress_context__",
    ('[sorted(vars(T)) for T in (OSError,ImportError,SyntaxError,UnicodeEncodeError,'
     'StopIteration,KeyError,BaseExceptionGroup,NameError,AttributeError)]'),
    ('[(T.__basicsize__,T.__dictoffset__,T.__doc__,[b.__name__ for b in T.__mro__]) for T '
     'in (OSError,ImportError,SyntaxError,UnicodeEncodeError,StopIteration,KeyError,'
     'BaseExceptionGroup,NameError,AttributeError,TabError,BrokenPipeError,'
     'ConnectionResetError,UserWarning,BytesWarning,RecursionError,BaseException,Exception)]'),
]:
    show(source)


def chain():
    try:
        try:
            raise KeyError(1)
        except KeyError:
            raise ValueError(2)
    except ValueError as exc:
        return exc


e = chain()
print(repr(e.__context__), e.__cause__, e.__suppress_context__)
try:
    raise TypeError(3) from e
except TypeError as f:
    print(repr(f.__cause__), f.__context__, f.__suppress_context__)

# A ring of contexts is cut.
a, b = ValueError("a"), ValueError("b")
try:
    try:
        raise a
    except ValueError:
        try:
            raise b
        except ValueError:
            raise a
except ValueError as exc:
    print(repr(exc), repr(exc.__context__), exc.__context__.__context__)


# except*
def star(exc):
    try:
        try:
            raise exc
        except* ValueError as g:
            print("value", repr(g))
        except* TypeError as g:
            raise KeyError("new")
        except* OSError:
            raise
    except BaseException as out:
        print("out", repr(out), repr(out.__context__), repr(out.__cause__))


star(ValueError(1))
star(ExceptionGroup("g", [ValueError(1), TypeError(2)]))
star(
    ExceptionGroup(
        "g", [OSError(1), TypeError(2), ExceptionGroup("h", [OSError(3), ValueError(4)])]
    )
)
star(ExceptionGroup("g", [OSError(1)]))
star(KeyError(1))
star(TypeError(1))
