"""Reads a declarative Jenkinsfile into a tree of calls: name, arguments, block. What Groovy can do beyond that is refused."""

import re
from dataclasses import dataclass, field

from hosts.shell import Refused

FILE = "Jenkinsfile"
_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\f]+|\\\n)|(?P<comment>//[^\n]*|/\*.*?\*/|\A\#![^\n]*)|(?P<newline>\n)"""
    r"""|(?P<string>'''(?:\\.|.)*?'''|\"\"\"(?:\\.|.)*?\"\"\"|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")"""
    r"""|(?P<number>\d+)|(?P<name>[A-Za-z_][A-Za-z0-9_.]*)|(?P<sign>==|!=|&&|\|\||[{}()\[\]:,;=!])""",
    re.S,
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\n": ""}


@dataclass(frozen=True)
class Token:
    """A word of the file. `text` of a string is what stands between its quotes."""

    kind: str  # name, number, sign, newline, plain (a string as it is), gstring (one with $ put in), end
    text: str
    line: int


@dataclass(frozen=True)
class Text:
    """A string. Only in double quotes does Groovy put values in the place of ${...}."""

    raw: str
    filled: bool
    line: int

    def value(self, known):
        """The text with values put in. Raises KeyError for a name that Groovy would not know."""
        if not self.filled:
            return _unescaped(self.raw)
        out, position = [], 0
        for found in re.finditer(
            r"\\(.)|\$\{\s*([A-Za-z_][\w.]*)\s*\}|\$([A-Za-z_]\w*(?:\.\w+)*)|\$\{", self.raw, re.S
        ):
            out.append(self.raw[position : found.start()])
            position = found.end()
            if found[1] is not None:
                out.append(_ESCAPES.get(found[1], found[1]))
                continue
            name = found[2] or found[3]
            if name is None:
                raise Refused(f"{FILE}, line {self.line}: only names may stand in ${{...}} here")
            bare = name.removeprefix("env.")
            if bare not in known and bare == name:
                raise KeyError(name)
            out.append(known.get(bare, "null"))
        return "".join([*out, self.raw[position:]])


@dataclass
class Call:
    """`name(arguments) { block }`; also `NAME = value`, as a call of "=" with both."""

    name: str
    line: int
    args: list = field(default_factory=list)  # values without a name
    named: dict = field(default_factory=dict)
    block: list | None = None  # of calls
    tokens: list = field(default_factory=list)  # of a block that is an expression


def _unescaped(raw):
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), raw, flags=re.S)


def _tokens(text):
    found, position, line = [], 0, 1
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise Refused(f"{FILE}, line {line}: cannot read {text[position:].splitlines()[0][:30]!r}")
        kind, said = match.lastgroup, match[0]
        if kind == "string":
            size = 3 if said.startswith(("'''", '"""')) else 1
            found.append(Token("gstring" if said[0] == '"' else "plain", said[size:-size], line))
        elif kind not in ("space", "comment"):
            found.append(Token(kind, said, line))
        line += said.count("\n")
        position = match.end()
    return [*found, Token("end", "the end of the file", line)]


class _Parser:
    def __init__(self, text):
        self._tokens = _tokens(text)
        self._at = 0

    def _bad(self, token, why):
        return Refused(f"{FILE}, line {token.line}: {why}")

    def _peek(self, skip_lines=False):
        at = self._at
        while skip_lines and self._tokens[at].kind == "newline":
            at += 1
        if skip_lines:
            self._at = at
        return self._tokens[at]

    def _take(self, *texts, skip_lines=False):
        token = self._peek(skip_lines)
        if token.kind in ("sign", "name") and token.text in texts:
            self._at += 1
            return token
        return None

    def _need(self, text, skip_lines=False):
        token = self._peek(skip_lines)
        if not self._take(text):
            raise self._bad(token, f"{text!r} was expected and {token.text[:30]!r} stands there")
        return token

    def calls(self, closed):
        """Calls up to the closing brace, or to the end of the file."""
        found = []
        while True:
            while self._take(";", skip_lines=True):
                pass
            token = self._peek(skip_lines=True)
            if token.kind == "end":
                if closed:
                    raise self._bad(token, "a { is not closed")
                return found
            if closed and self._take("}"):
                return found
            found.append(self._call())

    def _call(self):
        token = self._peek()
        if token.kind != "name":
            raise self._bad(token, f"{token.text[:30]!r} is not understood here")
        self._at += 1
        call = Call(token.text, token.line)
        if call.name in ("def", "if", "for", "while", "try", "import", "return"):
            raise self._bad(
                token, f"'{call.name}' is Groovy beyond the declarative language, and not run here"
            )
        if self._take("="):
            call.args, call.name, call.named = [token.text, self._value()], "=", {}
            return call
        if self._take("("):
            self._arguments(call, ")")
        elif self._begins_value():
            self._arguments(call, None)
        if self._take("{"):
            if call.name == "expression":
                call.tokens = self._expression()
            else:
                call.block = self.calls(closed=True)
        after = self._peek()
        if after.kind not in ("newline", "end") and after.text not in (";", "}"):
            raise self._bad(after, f"{after.text[:30]!r} after {call.name} is not understood here")
        return call

    def _begins_value(self):
        token = self._peek()
        return token.kind in ("plain", "gstring", "number", "name") or token.text == "["

    def _arguments(self, call, closing):
        """Arguments in brackets, or without them up to the end of the line."""
        while not (closing and self._take(closing, skip_lines=True)):
            token = self._peek(skip_lines=bool(closing))
            if token.kind == "name" and self._tokens[self._at + 1].text == ":":
                self._at += 2
                call.named[token.text] = self._value()
            else:
                call.args.append(self._value())
            if not self._take(",", skip_lines=bool(closing)):
                if closing:
                    self._need(closing, skip_lines=True)
                return
            self._peek(skip_lines=True)

    def _value(self):
        token = self._peek(skip_lines=True)
        self._at += 1
        if token.kind in ("plain", "gstring"):
            return Text(token.text, token.kind == "gstring", token.line)
        if token.kind == "number":
            return int(token.text)
        if token.text in ("true", "false"):
            return token.text == "true"
        if token.text == "[":
            values = []
            while not self._take("]", skip_lines=True):
                values.append(self._value())
                if not self._take(",", skip_lines=True):
                    self._need("]", skip_lines=True)
                    break
            return values
        if token.kind == "name":
            call = Call(token.text, token.line)
            if self._take("("):
                self._arguments(call, ")")
            return call
        raise self._bad(token, f"a value was expected and {token.text[:30]!r} stands there")

    def _expression(self):
        """The words up to the closing brace."""
        found, depth = [], 1
        while True:
            token = self._peek()
            self._at += 1
            if token.kind == "end":
                raise self._bad(token, "a { is not closed")
            depth += {"{": 1, "}": -1}.get(token.text, 0) if token.kind == "sign" else 0
            if depth == 0:
                return found
            if token.kind != "newline" and not (not found and token.text == "return"):
                found.append(token)


def parse(text):
    """The calls at the top of the file, of which a declarative one has one: pipeline."""
    return _Parser(text).calls(closed=False)


def holds(tokens, known, line):
    """Whether an expression such as `env.BRANCH_NAME == 'main' && !(...)` is true."""
    words = list(tokens)

    def bad():
        return Refused(f"{FILE}, line {line}: this expression is not understood here")

    def take(*signs):
        return words.pop(0).text if words and words[0].kind == "sign" and words[0].text in signs else None

    def either():
        value = both()
        while take("||"):
            value = both() or value
        return value

    def both():
        value = one()
        while take("&&"):
            value = one() and value
        return value

    def one():
        if take("!"):
            return not one()
        if take("("):
            value = either()
            if not take(")"):
                raise bad()
            return value
        left = operand()
        sign = take("==", "!=")
        return (left == operand()) == (sign == "==") if sign else bool(left)

    def operand():
        if not words or words[0].kind not in ("plain", "gstring", "name"):
            raise bad()
        token = words.pop(0)
        if token.kind != "name":
            return Text(token.text, token.kind == "gstring", token.line).value(known)
        if token.text in ("true", "false", "null"):
            return {"true": "true", "false": "", "null": None}[token.text]
        bare = token.text.removeprefix("env.")
        if "." in bare or (bare not in known and bare == token.text):
            raise bad()
        return known.get(bare)

    value = either()
    if words:
        raise bad()
    return value
