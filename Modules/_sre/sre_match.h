/* sre_match.h - the engine for one width of characters: sre_engine.c includes it three times.
 *
 * UNIT is the character type, NAME(x) the name for that width.  No guard: that is its purpose.
 */

/* How many characters from pos on match the opcode at `unit`; at most `limit`, which is within the
   subject. */
static Py_ssize_t
NAME(count_units)(const UNIT *text, const sre_code *unit, Py_ssize_t pos, Py_ssize_t limit)
{
    const UNIT *p = text + pos;
    const UNIT *end = limit <= 0 ? p : p + limit;
    switch (unit[0]) {
    case SRE_ANY_ALL:
        return end - p;
    case SRE_ANY:
        while (p < end && *p != '\n') {
            p++;
        }
        break;
    case SRE_LITERAL:
        while (p < end && *p == unit[1]) {
            p++;
        }
        break;
    case SRE_NOT_LITERAL:
        while (p < end && *p != unit[1]) {
            p++;
        }
        break;
    case SRE_IN:
        while (p < end && in_set(unit + 2, *p)) {
            p++;
        }
        break;
    default:
        while (p < end && unit_matches(unit, *p)) {
            p++;
        }
        break;
    }
    return p - (text + pos);
}

static inline bool
NAME(word_at)(sre_code at, const UNIT *text, Py_ssize_t pos)
{
    if (at <= SRE_AT_NON_BOUNDARY) {
        return ascii_word(text[pos]);
    }
    return at <= SRE_AT_LOC_NON_BOUNDARY ? locale_word(text[pos]) : unicode_word(text[pos]);
}

static bool
NAME(at_place)(const sre_state *s, sre_code at, Py_ssize_t pos)
{
    const UNIT *text = s->text;
    switch (at) {
    case SRE_AT_BEGINNING:
    case SRE_AT_BEGINNING_STRING:
        return pos == 0;
    case SRE_AT_BEGINNING_LINE:
        return pos == 0 || text[pos - 1] == '\n';
    case SRE_AT_END:
        return pos == s->end || (pos + 1 == s->end && text[pos] == '\n');
    case SRE_AT_END_LINE:
        return pos == s->end || (pos < s->end && text[pos] == '\n');
    case SRE_AT_END_STRING:
        return pos == s->end;
    default: {
        /* the boundaries; neither is in an empty subject */
        assert(at < SRE_AT_COUNT);
        if (s->end == 0) {
            return false;
        }
        bool before = pos > 0 && NAME(word_at)(at, text, pos - 1);
        bool here = pos < s->end && NAME(word_at)(at, text, pos);
        bool wanted = at == SRE_AT_BOUNDARY || at == SRE_AT_LOC_BOUNDARY
                      || at == SRE_AT_UNI_BOUNDARY;
        return (before != here) == wanted;
    }
    }
}

/* Length of the group if the subject repeats it at pos, else -1. */
static Py_ssize_t
NAME(repeated_group)(const sre_state *s, const sre_code *code, Py_ssize_t pos)
{
    const UNIT *text = s->text;
    assert((Py_ssize_t)code[1] * 2 + 1 < s->nmarks);
    Py_ssize_t from = s->marks[code[1] * 2];
    Py_ssize_t to = s->marks[code[1] * 2 + 1];
    if (from < 0 || to < from || to - from > s->end - pos) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < to - from; i++) {
        if (folded(code[0], text[from + i]) != folded(code[0], text[pos + i])) {
            return -1;
        }
    }
    return to - from;
}

/* Can the code at pc not match here?  A cheap look that spares pushing an alternative. */
static inline bool
NAME(hopeless)(const sre_state *s, const sre_code *code, Py_ssize_t pos)
{
    const UNIT *text = s->text;
    if (code[0] == SRE_LITERAL) {
        return pos >= s->end || text[pos] != code[1];
    }
    if (code[0] == SRE_IN) {
        return pos >= s->end || !in_set(code + 2, text[pos]);
    }
    return false;
}

/* Gives back characters until what follows can match: is there such a place?  Pops the entry of a
   repeated character when it has no more to give. */
static bool
NAME(give_back)(sre_state *s, Py_ssize_t *pos)
{
    sre_entry *e = &s->stack[s->top - 1];
    assert(e->kind == ENTRY_GREEDY && e->n >= 0);
    const sre_code *code = s->code + e->pc;
    if (code[0] == SRE_LITERAL) {
        const UNIT *text = s->text;
        while (e->pos >= s->end || text[e->pos] != code[1]) {
            if (e->n == 0) {
                s->top--;
                return false;
            }
            e->n--;
            e->pos--;
        }
    }
    *pos = e->pos;
    if (e->n == 0) {
        s->top--;
    }
    else {
        e->n--;
        e->pos--;
    }
    return true;
}

/* Takes one more character for a lazy repetition; then, while what follows cannot match, others. */
static bool
NAME(take_more)(sre_state *s, Py_ssize_t *pos, bool first)
{
    sre_entry *e = &s->stack[s->top - 1];
    assert(e->kind == ENTRY_LAZY);
    const UNIT *text = s->text;
    const sre_code *code = s->code + e->pc;
    const sre_code *tail = code + 1 + code[1];
    for (;; first = false) {
        if (!first) {
            if ((code[3] != SRE_MAXREPEAT && e->n >= (Py_ssize_t)code[3]) || e->pos >= s->end
                || !unit_matches(code + 4, text[e->pos])) {
                s->top--;
                return false;
            }
            e->pos++;
            e->n++;
        }
        if (tail[0] != SRE_LITERAL || (e->pos < s->end && text[e->pos] == tail[1])) {
            *pos = e->pos;
            return true;
        }
    }
}

#define PUSH(KIND, PC, POS, REP, N, COUNT)                          \
    do {                                                            \
        if (push(s, (KIND), (PC), (POS), (REP), (N), (COUNT)) < 0) { \
            return -1;                                              \
        }                                                           \
    } while (0)

/* Runs the pattern at `start`: 1 with s->start and s->stop set, 0, or -1 with an exception. */
static int
NAME(attempt)(sre_state *s, Py_ssize_t start)
{
    const sre_code *const code = s->code;
    const UNIT *const text = s->text;
    const Py_ssize_t end = s->end;
    size_t pc = 0;
    Py_ssize_t pos = start;
    Py_ssize_t rep = -1;
    Py_ssize_t frame = -1;
    unsigned int steps = 0;

    assert(s->top == 0);
    if (start > end && s->match_all) {
        return 0;
    }
next:
    if ((++steps & 0xfff) == 0 && PyErr_CheckSignals() < 0) {
        return -1;
    }
    switch (code[pc]) {
    case SRE_FAILURE:
        goto fail;

    case SRE_SUCCESS:
        goto success;

    case SRE_LITERAL:
        if (pos >= end || text[pos] != code[pc + 1]) {
            goto fail;
        }
        pos++;
        pc += 2;
        goto next;

    case SRE_ANY:
    case SRE_ANY_ALL:
        if (pos >= end || !unit_matches(code + pc, text[pos])) {
            goto fail;
        }
        pos++;
        pc++;
        goto next;

    case SRE_NOT_LITERAL:
    case SRE_LITERAL_IGNORE:
    case SRE_NOT_LITERAL_IGNORE:
    case SRE_LITERAL_LOC_IGNORE:
    case SRE_NOT_LITERAL_LOC_IGNORE:
    case SRE_LITERAL_UNI_IGNORE:
    case SRE_NOT_LITERAL_UNI_IGNORE:
    case SRE_CATEGORY:
        if (pos >= end || !unit_matches(code + pc, text[pos])) {
            goto fail;
        }
        pos++;
        pc += 2;
        goto next;

    case SRE_IN:
    case SRE_IN_IGNORE:
    case SRE_IN_LOC_IGNORE:
    case SRE_IN_UNI_IGNORE:
        if (pos >= end || !unit_matches(code + pc, text[pos])) {
            goto fail;
        }
        pos++;
        pc += 1 + (size_t)code[pc + 1];
        goto next;

    case SRE_AT:
        if (!NAME(at_place)(s, code[pc + 1], pos)) {
            goto fail;
        }
        pc += 2;
        goto next;

    case SRE_MARK:
        if (set_mark(s, code[pc + 1], pos) < 0) {
            return -1;
        }
        pc += 2;
        goto next;

    case SRE_INFO:
    case SRE_JUMP:
        pc += 1 + (size_t)code[pc + 1];
        goto next;

    case SRE_GROUPREF:
    case SRE_GROUPREF_IGNORE:
    case SRE_GROUPREF_LOC_IGNORE:
    case SRE_GROUPREF_UNI_IGNORE: {
        Py_ssize_t length = NAME(repeated_group)(s, code + pc, pos);
        if (length < 0) {
            goto fail;
        }
        pos += length;
        pc += 2;
        goto next;
    }

    case SRE_GROUPREF_EXISTS: {
        const Py_ssize_t *mark = &s->marks[(size_t)code[pc + 1] * 2];
        bool exists = mark[0] >= 0 && mark[1] >= mark[0];
        pc += exists ? 3 : 1 + (size_t)code[pc + 2];
        goto next;
    }

    case SRE_BRANCH:
        pc++;
        goto alternative;

    case SRE_REPEAT_ONE:
    case SRE_POSSESSIVE_REPEAT_ONE: {
        Py_ssize_t n = limited(code[pc + 3], end - pos);
        n = NAME(count_units)(text, code + pc + 4, pos, n);
        if (n < (Py_ssize_t)code[pc + 2]) {
            goto fail;
        }
        pos += n;
        n -= (Py_ssize_t)code[pc + 2];
        bool greedy = code[pc] == SRE_REPEAT_ONE;
        pc += 1 + (size_t)code[pc + 1];
        if (greedy && n > 0) {
            PUSH(ENTRY_GREEDY, pc, pos, rep, n, 0);
            if (!NAME(give_back)(s, &pos)) {
                goto fail;
            }
        }
        goto next;
    }

    case SRE_MIN_REPEAT_ONE: {
        Py_ssize_t n = limited(code[pc + 2], end - pos);
        n = NAME(count_units)(text, code + pc + 4, pos, n);
        if (n < (Py_ssize_t)code[pc + 2]) {
            goto fail;
        }
        PUSH(ENTRY_LAZY, pc, pos + n, rep, n, 0);
        if (!NAME(take_more)(s, &pos, true)) {
            goto fail;
        }
        pc += 1 + (size_t)code[pc + 1];
        goto next;
    }

    case SRE_REPEAT:
        PUSH(ENTRY_COUNTER, pc, -1, rep, 0, 0);
        rep = s->top - 1;
        pc += 1 + (size_t)code[pc + 1];
        goto next;

    case SRE_MAX_UNTIL: {
        assert(rep >= 0 && s->stack[rep].kind == ENTRY_COUNTER);
        sre_entry counter = s->stack[rep];
        const sre_code *repeat = code + counter.pc;
        assert(counter.pc + 1 + repeat[1] == pc);
        if (counter.n < (Py_ssize_t)repeat[2]) {
            PUSH(ENTRY_COUNTER, counter.pc, counter.pos, counter.rep, counter.n + 1, 0);
        }
        else if ((repeat[3] == SRE_MAXREPEAT || counter.n < (Py_ssize_t)repeat[3])
                 && pos != counter.pos) {
            PUSH(ENTRY_CHOICE, pc + 1, pos, counter.rep, 0, 0);
            PUSH(ENTRY_COUNTER, counter.pc, pos, counter.rep, counter.n + 1, 0);
        }
        else {
            rep = counter.rep;
            pc++;
            goto next;
        }
        rep = s->top - 1;
        pc = (size_t)counter.pc + 4;
        goto next;
    }

    case SRE_MIN_UNTIL: {
        assert(rep >= 0 && s->stack[rep].kind == ENTRY_COUNTER);
        sre_entry counter = s->stack[rep];
        if (counter.n < (Py_ssize_t)code[counter.pc + 2]) {
            PUSH(ENTRY_COUNTER, counter.pc, counter.pos, counter.rep, counter.n + 1, 0);
            rep = s->top - 1;
            pc = (size_t)counter.pc + 4;
            goto next;
        }
        PUSH(ENTRY_AGAIN, pc, pos, rep, 0, 0);
        rep = counter.rep;
        pc++;
        goto next;
    }

    case SRE_ASSERT:
    case SRE_ASSERT_NOT: {
        Py_ssize_t back = code[pc + 2];
        bool wanted = code[pc] == SRE_ASSERT;
        if (pos < back) {
            if (wanted) {
                goto fail;
            }
            pc += 1 + (size_t)code[pc + 1];
            goto next;
        }
        PUSH(wanted ? ENTRY_ASSERT : ENTRY_ASSERT_NOT, pc, pos, rep, frame, 0);
        frame = s->top - 1;
        pos -= back;
        pc += 3;
        goto next;
    }

    case SRE_ATOMIC_GROUP:
        PUSH(ENTRY_ATOMIC, pc, pos, rep, frame, 0);
        frame = s->top - 1;
        pc += 2;
        goto next;

    case SRE_POSSESSIVE_REPEAT:
        if (code[pc + 3] == 0) {
            pc += 2 + (size_t)code[pc + 1];
            goto next;
        }
        PUSH(ENTRY_POSSESSIVE, pc, pos, rep, frame, 0);
        frame = s->top - 1;
        pc += 4;
        goto next;

    default:
        Py_UNREACHABLE();
    }

alternative:
    for (;;) {
        /* pc: skip word of an alternative, or the 0 behind the last one */
        if (code[pc] == 0) {
            goto fail;
        }
        size_t other = pc + code[pc];
        if (!NAME(hopeless)(s, code + pc + 1, pos)) {
            if (code[other] != 0) {
                PUSH(ENTRY_BRANCH, other, pos, rep, 0, 0);
            }
            pc++;
            goto next;
        }
        pc = other;
    }

success:
    if (frame < 0) {
        if ((s->match_all && pos != end)
            || (s->must_advance && start == s->start && pos == start)) {
            goto fail;
        }
        s->start = start;
        s->stop = pos;
        return 1;
    }
    else {
        sre_entry e = s->stack[frame];
        switch (e.kind) {
        case ENTRY_ASSERT:
            cut(s, frame);
            pos = e.pos;
            break;
        case ENTRY_ASSERT_NOT:
            unwind(s, frame);
            frame = e.n;
            goto fail;
        case ENTRY_ATOMIC:
            cut(s, frame);
            break;
        default: {
            assert(e.kind == ENTRY_POSSESSIVE);
            cut(s, frame);
            Py_ssize_t count = e.count + 1;
            sre_code max = code[e.pc + 3];
            if (count < (Py_ssize_t)code[e.pc + 2]
                || ((max == SRE_MAXREPEAT || count < (Py_ssize_t)max) && pos != e.pos)) {
                PUSH(ENTRY_POSSESSIVE, e.pc, pos, e.rep, e.n, count);
                frame = s->top - 1;
                rep = e.rep;
                pc = (size_t)e.pc + 4;
                goto next;
            }
            frame = e.n;
            rep = e.rep;
            pc = (size_t)e.pc + 2 + code[e.pc + 1];
            goto next;
        }
        }
        frame = e.n;
        rep = e.rep;
        pc = (size_t)e.pc + 1 + code[e.pc + 1];
        goto next;
    }

fail:
    while (s->top > 0) {
        sre_entry e = s->stack[s->top - 1];
        switch (e.kind) {
        case ENTRY_UNDO:
            undo(s, &e);
            s->top--;
            continue;
        case ENTRY_COUNTER:
            s->top--;
            continue;
        case ENTRY_CHOICE:
            s->top--;
            pos = e.pos;
            rep = e.rep;
            pc = e.pc;
            goto next;
        case ENTRY_BRANCH:
            s->top--;
            pos = e.pos;
            rep = e.rep;
            pc = e.pc;
            goto alternative;
        case ENTRY_GREEDY:
            if (!NAME(give_back)(s, &pos)) {
                continue;
            }
            rep = e.rep;
            pc = e.pc;
            goto next;
        case ENTRY_LAZY:
            if (!NAME(take_more)(s, &pos, false)) {
                continue;
            }
            rep = e.rep;
            pc = (size_t)e.pc + 1 + code[e.pc + 1];
            goto next;
        case ENTRY_AGAIN: {
            s->top--;
            sre_entry counter = s->stack[e.rep];
            assert(counter.kind == ENTRY_COUNTER);
            sre_code max = code[counter.pc + 3];
            if ((max != SRE_MAXREPEAT && counter.n >= (Py_ssize_t)max) || e.pos == counter.pos) {
                continue;
            }
            PUSH(ENTRY_COUNTER, counter.pc, e.pos, counter.rep, counter.n + 1, 0);
            pos = e.pos;
            rep = s->top - 1;
            pc = (size_t)counter.pc + 4;
            goto next;
        }
        case ENTRY_ASSERT:
        case ENTRY_ATOMIC:
            s->top--;
            frame = e.n;
            continue;
        case ENTRY_ASSERT_NOT:
            s->top--;
            frame = e.n;
            pos = e.pos;
            rep = e.rep;
            pc = (size_t)e.pc + 1 + code[e.pc + 1];
            goto next;
        case ENTRY_POSSESSIVE:
            s->top--;
            frame = e.n;
            if (e.count < (Py_ssize_t)code[e.pc + 2]) {
                continue;
            }
            pos = e.pos;
            rep = e.rep;
            pc = (size_t)e.pc + 2 + code[e.pc + 1];
            goto next;
        default:
            Py_UNREACHABLE();
        }
    }
    assert(frame == -1);
    return 0;
}

#undef PUSH

/* Next place from `from` on where the literal prefix is, up to `last`; else -1.  `matched` keeps
   how much of the prefix is known to lie before `from` (Knuth, Morris, Pratt). */
static Py_ssize_t
NAME(find_prefix)(const sre_state *s, const sre_code *prefix, size_t length, Py_ssize_t from,
                  size_t *matched)
{
    const UNIT *text = s->text;
    const sre_code *overlap = prefix + length;
    size_t n = *matched;
    assert(n < length);
    if (sizeof(UNIT) == 1 && length == 1) {
        const void *found = prefix[0] > 255 || from >= s->end ? NULL
            : memchr(text + from, (int)prefix[0], (size_t)(s->end - from));
        return found == NULL ? -1 : (const UNIT *)found - text + 1;
    }
    for (Py_ssize_t i = from; i < s->end; i++) {
        while (n > 0 && text[i] != prefix[n]) {
            n = overlap[n - 1];
        }
        if (text[i] == prefix[n] && ++n == length) {
            *matched = overlap[n - 1];
            return i + 1;
        }
    }
    return -1;
}

static int
NAME(search_prefix)(sre_state *s, const sre_code *info)
{
    size_t length = info[5];
    const sre_code *prefix = info + 7;
    size_t matched = 0;
    Py_ssize_t i = s->start;
    while ((i = NAME(find_prefix)(s, prefix, length, i, &matched)) >= 0) {
        Py_ssize_t start = i - (Py_ssize_t)length;
        assert(start >= s->start);
        if (info[2] & SRE_INFO_LITERAL && !s->match_all) {
            s->start = start;
            s->stop = i;
            return 1;
        }
        int res = NAME(attempt)(s, start);
        if (res != 0) {
            return res;
        }
    }
    return 0;
}

static int
NAME(search)(sre_state *s)
{
    const sre_code *code = s->code;
    const UNIT *text = s->text;
    Py_ssize_t last = s->end;
    const sre_code *set = NULL;
    if (s->start > s->end) {
        return 0;
    }
    if (code[0] == SRE_INFO) {
        if ((Py_ssize_t)code[3] > s->end - s->start) {
            return 0;
        }
        last -= (Py_ssize_t)code[3];
        if (code[2] & SRE_INFO_PREFIX) {
            return NAME(search_prefix)(s, code);
        }
        if (code[2] & SRE_INFO_CHARSET) {
            set = code + 5;
        }
    }
    const sre_code *first = code[0] == SRE_INFO ? code + 1 + code[1] : code;
    if (first[0] == SRE_AT
        && (first[1] == SRE_AT_BEGINNING || first[1] == SRE_AT_BEGINNING_STRING)) {
        last = Py_MIN(last, 0);
    }
    for (Py_ssize_t i = s->start; i <= last; i++) {
        if (set != NULL) {
            while (i < s->end && !in_set(set, text[i])) {
                i++;
            }
            if (i >= s->end) {
                return 0;
            }
        }
        int res = NAME(attempt)(s, i);
        if (res != 0) {
            return res;
        }
    }
    return 0;
}
