"""The agent's side of Errand: start a task, call with a proof, derive a narrower token, end the task.

See the package's README for examples.
"""

from ._key import Key
from ._refused import Refused
from ._task import Grant, Task

__all__ = ["Grant", "Key", "Refused", "Task"]
