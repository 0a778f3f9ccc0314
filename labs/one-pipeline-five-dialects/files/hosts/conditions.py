"""Travis CI's conditions: `branch = main AND type = push`."""

import re

from hosts.shell import Refused

_WORD = re.compile(
    r"""\s*(?:(\(|\)|,|!=|!~|=~|==|=)|"([^"]*)"|'([^']*)'|/((?:[^/\\]|\\.)*)/|([^\s(),=!~"']+))"""
)
_KEYWORDS = {"AND", "OR", "NOT", "IN", "IS"}


class _Reader:
    def __init__(self, text, facts, place):
        self._place = place
        self._facts = facts
        self._words = []
        position = 0
        text = text.strip()
        while position < len(text):
            found = _WORD.match(text, position)
            if found is None:
                raise self._bad(f"cannot read {text[position:][:20]!r}")
            position = found.end()
            sign, double, single, regex, bare = found.groups()
            if bare is not None:
                upper = bare.upper()
                self._words.append(("word", upper) if upper in _KEYWORDS else ("bare", bare))
            elif sign is not None:
                self._words.append(("sign", sign))
            else:
                kind = "regex" if regex is not None else "text"
                self._words.append((kind, next(part for part in (regex, double, single) if part is not None)))

    def _bad(self, why):
        return Refused(f"{self._place}, condition: {why}")

    def _next(self, *wanted):
        """Take the next word if it is one of those wanted."""
        if self._words and self._words[0][1] in wanted and self._words[0][0] in ("word", "sign"):
            return self._words.pop(0)[1]
        return None

    def whole(self):
        value = self._any()
        if self._words:
            raise self._bad(f"there is more after its end: {self._words[0][1]!r}")
        return value

    def _any(self):
        value = self._all()
        while self._next("OR"):
            value = self._all() or value
        return value

    def _all(self):
        value = self._one()
        while self._next("AND"):
            value = self._one() and value
        return value

    def _one(self):
        if self._next("NOT"):
            return not self._one()
        if self._next("("):
            value = self._any()
            self._close()
            return value
        return self._term()

    def _close(self):
        if not self._next(")"):
            raise self._bad("a bracket is not closed")

    def _term(self):
        left = self._left()
        sign = self._next("=", "==", "!=", "=~", "!~", "IN", "IS", "NOT")
        if sign is None:
            if left in ("true", "false"):
                return left == "true"
            raise self._bad("a comparison is missing: write it as in branch = main")
        if sign == "NOT":
            if not self._next("IN"):
                raise self._bad("NOT stands before IN, or before what is turned round")
            return left not in self._values()
        if sign == "IN":
            return left in self._values()
        if sign == "IS":
            turned = self._next("NOT") is not None
            return {"present": bool(left), "blank": not left}[self._value("present", "blank")] != turned
        value = self._value()
        same = re.search(value, left) is not None if "~" in sign else left == value
        return same != sign.startswith("!")

    def _left(self):
        if not self._words or self._words[0][0] in ("word", "sign"):
            raise self._bad("something to compare is missing")
        kind, word = self._words.pop(0)
        if kind == "bare" and word in self._facts:
            return self._facts[word]
        if kind == "text" or word in ("true", "false"):
            return word
        raise self._bad(f"'{word}' is not understood here; known are {', '.join(self._facts)}")

    def _value(self, *choices):
        if not self._words or self._words[0][0] in ("word", "sign"):
            raise self._bad("a value is missing")
        _, word = self._words.pop(0)
        if choices and word not in choices:
            raise self._bad(f"'{word}' is none of {', '.join(choices)}")
        return word

    def _values(self):
        if not self._next("("):
            raise self._bad("IN needs a list in brackets")
        values = [self._value()]
        while self._next(","):
            values.append(self._value())
        self._close()
        return values


def holds(text, facts, place):
    """Whether a condition holds. Raises Refused for what it does not know.

    Args:
        text: the condition.
        facts: what may stand at the left, such as {"branch": "main", "type": "push"}.
        place: where it stands, for messages.
    """
    if isinstance(text, bool):
        return text
    return _Reader(str(text), facts, place).whole()
