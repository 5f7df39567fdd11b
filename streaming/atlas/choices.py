"""What can be chosen of an atlas, in words.

Apart from everything else, because the command's flags are made of these, and a command that only
says its version loads no library of arrays for them.
"""

from typing import Literal

__all__ = ["Engine", "Flow", "MaskFrom", "Quality"]

Engine = Literal["grid", "mlp"]
Flow = Literal["auto", "dis", "raft"]
MaskFrom = Literal["auto", "own", "matte", "rvm", "maskrcnn", "modnet"]
Quality = Literal["draft", "final"]
