"""The Debian packages that sounds come from: how to tell that each is there, and its licence."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Package:
    """What shows that a package is installed, and what its sounds may be used for."""

    licence: str
    program: str = ""
    file: Path = Path()

    def is_there(self) -> bool:
        """Whether the program is found by name, or the file exists."""
        return shutil.which(self.program) is not None if self.program else self.file.exists()


FLUID = "fluid-soundfont-gm"
MUSESCORE = "musescore-general-soundfont"
TIMGM = "timgm6mb-soundfont"
HYDROGEN = "hydrogen-drumkits"
SONIC_PI = "sonic-pi-samples"
KLETTRES = "klettres-data"
KTUBERLING = "ktuberling-data"


def _voice(licence: str, folder: str) -> Package:
    return Package(licence, file=Path("/usr/share/festival/voices", folder))


_CMU = "BSD-like (Carnegie Mellon)"
PACKAGES = {
    "espeak-ng": Package("GPL-3.0-or-later; its output is free of it", program="espeak-ng"),
    "fluidsynth": Package("LGPL-2.1-or-later; its output is free of it", program="fluidsynth"),
    FLUID: Package("MIT", file=Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")),
    MUSESCORE: Package(
        "MIT, parts CC0", file=Path("/usr/share/sounds/sf3/MuseScore_General_Full.sf3")
    ),
    TIMGM: Package("GPL-2.0-or-later", file=Path("/usr/share/sounds/sf2/TimGM6mb.sf2")),
    HYDROGEN: Package(
        "GPL-2.0-or-later and CC-BY-3.0 (the kits used here)",
        file=Path("/usr/share/hydrogen/data/drumkits/The Black Pearl 1.0"),
    ),
    SONIC_PI: Package("CC0-1.0", file=Path("/usr/share/sonic-pi/samples/loop_amen.flac")),
    KLETTRES: Package("GPL-2.0-or-later", file=Path("/usr/share/klettres/en/alpha")),
    KTUBERLING: Package("GPL-2.0-or-later", file=Path("/usr/share/ktuberling/sounds/en")),
    "flite": Package(f"{_CMU}, its voices too", program="flite"),
    "festival": Package("BSD-like (Edinburgh); its output is free of it", program="text2wave"),
    "festvox-us-slt-hts": _voice(_CMU, "us/cmu_us_slt_arctic_hts"),
    "festvox-kallpc16k": _voice(_CMU, "english/kal_diphone"),
    "festvox-kdlpc16k": _voice(_CMU, "english/ked_diphone"),
    "festvox-czech-dita": _voice("GPL-3.0-or-later", "czech/czech_dita"),
    "festvox-czech-krb": _voice("GPL-3.0-or-later", "czech/czech_krb"),
    "festvox-czech-machac": _voice("GPL-3.0-or-later", "czech/czech_machac"),
    "festvox-czech-ph": _voice("GPL-2.0-or-later", "czech/czech_ph"),
    "festvox-italp16k": _voice("GPL", "italian/lp_diphone"),
    "festvox-itapc16k": _voice("GPL", "italian/pc_diphone"),
    "festvox-suopuhe-lj": _voice("LGPL-2.0-or-later", "finnish/suo_fi_lj_diphone"),
    "festvox-suopuhe-mv": _voice("LGPL-2.0-or-later", "finnish/hy_fi_mv_diphone"),
    "festvox-ru": _voice("BSD-like (Shmyrev)", "russian/msu_ru_nsh_clunits"),
}


def missing(names: Iterable[str]) -> list[str]:
    """The packages of `names` that are not installed, in order of the alphabet."""
    return sorted(name for name in set(names) if not PACKAGES[name].is_there())


def described(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Version (as the package manager says) and licence of each package, for the manifest."""
    return {
        name: {"version": _version(name), "licence": PACKAGES[name].licence}
        for name in sorted(set(names))
    }


def _version(name: str) -> str:
    if shutil.which("dpkg-query") is None:
        return "unknown"
    asked = ["dpkg-query", "-W", "-f", "${Version}", name]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"
