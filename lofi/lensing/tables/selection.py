"""Rows that an expression chooses, such as `flag == 0 & z > 0.5`: parsed, never executed as Python."""

import ast
import functools
import io
import operator
import tokenize
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

WORDS = {"&": "and", "&&": "and", "|": "or", "~": "not", "!": "not"}  # bind like words: z > 1 & flag == 0
COMPARISONS = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
ARITHMETIC = {ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.divide, ast.Mod: np.mod}


class Selection:
    """A boolean expression of columns: comparisons, + − * / %, and, or, not (also & | ~), numbers, text, parentheses.

    Between whole numbers & and | are those of bits: `(flag & 2) == 0`. Raises ValueError for anything else: calls,
    attributes, subscripts, comparisons without a column.
    """

    def __init__(self, path: Path, text: str) -> None:
        self.text = text
        self._what = f"'{path}': --select {text!r}"  # begins each sentence
        try:
            tokens = tokenize.generate_tokens(io.StringIO(text.strip()).readline)
            words = [WORDS.get(token.string, token.string) for token in tokens if token.string.strip()]
            self._tree = ast.parse(" ".join(words), mode="eval").body
        except (SyntaxError, tokenize.TokenError, IndentationError, ValueError) as error:
            raise ValueError(f"{self._what} is no expression such as 'flag == 0 & z > 0.5'") from error
        for node in ast.walk(self._tree):
            self._check(node)
        self.names = sorted({node.id for node in ast.walk(self._tree) if isinstance(node, ast.Name)})
        if not self.names:
            raise ValueError(f"{self._what} names no column")

    def rows(self, columns: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
        """Bool (n,), of the values (n,) of columns by name and which are missing, bool (n,); such rows are false."""
        known = ~np.any([missing for _, missing in columns.values()], axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            try:
                chosen = np.asarray(self._value(self._tree, columns))
            except (TypeError, np.exceptions.DTypePromotionError) as error:
                raise ValueError(f"{self._what} compares numbers with text") from error
        if chosen.dtype != bool:
            raise ValueError(f"{self._what} gives numbers; expected a comparison, such as 'flag == 0'")
        return chosen & known

    def _check(self, node):
        allowed = (ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.UAdd, ast.BinOp, ast.Compare)
        allowed += (ast.Name, ast.Load, *COMPARISONS, *ARITHMETIC)
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float | str):
            return
        if isinstance(node, ast.Compare) and not any(isinstance(part, ast.Name) for part in ast.walk(node)):
            raise ValueError(f"{self._what} compares no column; bits need parentheses, (flag & 2) == 0")
        if not isinstance(node, allowed):
            kind = type(node).__name__.lower()
            raise ValueError(f"{self._what} holds a {kind}; expected columns, numbers, comparisons, & | ~")

    def _value(self, node, columns) -> Any:
        def value(part):
            return self._value(part, columns)

        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            return columns[node.id][0]
        if isinstance(node, ast.BoolOp):
            parts, both = [np.asarray(value(part)) for part in node.values], isinstance(node.op, ast.And)
            if all(part.dtype.kind in "iu" for part in parts):
                return functools.reduce(np.bitwise_and if both else np.bitwise_or, parts)
            return functools.reduce(np.logical_and if both else np.logical_or, map(self._truth, parts))
        if isinstance(node, ast.UnaryOp):
            operand = value(node.operand)
            if isinstance(node.op, ast.Not):
                return ~self._truth(operand)
            return -operand if isinstance(node.op, ast.USub) else operand
        if isinstance(node, ast.BinOp):
            return ARITHMETIC[type(node.op)](value(node.left), value(node.right))
        sides = [value(side) for side in (node.left, *node.comparators)]
        pairs = zip(node.ops, sides, sides[1:], strict=False)
        return functools.reduce(np.logical_and, [COMPARISONS[type(op)](left, right) for op, left, right in pairs])

    def _truth(self, values):
        values = np.asarray(values)
        if values.dtype.kind not in "bui":
            raise ValueError(f"{self._what} joins what is neither true nor false; expected comparisons")
        return values != 0
