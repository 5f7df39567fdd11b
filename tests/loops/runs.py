"""A stream of looks through fingerprinter and detector, and what came out when."""

from collections.abc import Iterable
from dataclasses import dataclass

from streaming.loops.detector import LoopDetector
from streaming.loops.fingerprint import Fingerprinter
from streaming.loops.model import Diagnosis, Look, Loop, Moment
from streaming.settings import LoopSettings

PLAIN = LoopSettings()


@dataclass(frozen=True, slots=True)
class Finding:
    """A loop, and the newest frame that had been pushed when it came."""

    loop: Loop
    at: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that a detector said."""

    findings: tuple[Finding, ...]
    moments: tuple[Moment, ...]
    diagnosis: Diagnosis

    @property
    def loops(self) -> list[Loop]:
        """The loops, in order of finding."""
        return [each.loop for each in self.findings if each.loop.kind == "loop"]

    @property
    def near(self) -> list[Loop]:
        """The near-loops, in order of finding."""
        return [each.loop for each in self.findings if each.loop.kind == "near"]


def detect(looks: Iterable[Look], settings: LoopSettings = PLAIN, *, gated: bool = True) -> Outcome:
    """Run a stream through to its end."""
    fingerprinter = Fingerprinter(centred=settings.anchor == "subject")
    detector = LoopDetector(settings, gated=gated)
    findings: list[Finding] = []
    moments: list[Moment] = []
    newest = 0
    for look in looks:
        newest = look.index
        for print_ in fingerprinter.push(look):
            for moment in detector.push(print_):
                moments.append(moment)
                findings.extend(Finding(loop, newest) for loop in moment.found)
    for moment in detector.flush():
        moments.append(moment)
        findings.extend(Finding(loop, newest + 1) for loop in moment.found)
    return Outcome(tuple(findings), tuple(moments), detector.diagnosis())
