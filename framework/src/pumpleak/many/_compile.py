"""Compile kernels with LLVM and keep them on disk by what they are made of.

A kernel's key is the hash of its text, the compiler's version and the machine's processor, so
that one that was made for another never runs. Every entry carries a checksum: a damaged one is
made again.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from .._atomic import written_whole
from .._errors import SolverError

_FORMAT = b"pumpleak kernel 1\n"


class Loaded:
    """A kernel's machine code in memory.

    Args:
        address: of its function.
        keep: what owns the memory.
    """

    def __init__(self, address: int, keep: Any) -> None:
        self._keep = keep
        self.call = ctypes.CFUNCTYPE(
            None,
            ctypes.c_int64,
            ctypes.c_int64,
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_void_p,
        )(address)


@cache
def _llvm() -> Any:
    try:
        from llvmlite import binding
    except ImportError as error:
        raise SolverError(
            "many membranes at a time need a compiler: install llvmlite "
            "(pip install 'pumpleak[fast]')"
        ) from error
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    return binding


@cache
def _machine() -> Any:
    binding = _llvm()
    target = binding.Target.from_default_triple()
    return target.create_target_machine(
        cpu=binding.get_host_cpu_name(),
        features=binding.get_host_cpu_features().flatten(),
        opt=2,
        jit=True,
    )


@cache
def processor() -> str:
    """Return what machine code depends on beside the kernel: processor, compiler."""
    binding = _llvm()
    import llvmlite

    return "\n".join(
        (
            binding.get_default_triple(),
            binding.get_host_cpu_name(),
            binding.get_host_cpu_features().flatten(),
            llvmlite.__version__,
        )
    )


@cache
def width() -> int:
    """Return how many doubles one vector of a kernel holds: as its registers do."""
    features = _llvm().get_host_cpu_features()
    return 8 if features.get("avx512f") else 4


@cache
def approximate() -> bool:
    """Return whether the processor has AVX-512's approximate reciprocals."""
    return bool(_llvm().get_host_cpu_features().get("avx512f"))


def cache_folder() -> Path:
    """Return where compiled kernels are kept; `PUMPLEAK_CACHE` overrides it."""
    given = os.environ.get("PUMPLEAK_CACHE")
    if given:
        return Path(given)
    import platformdirs

    return Path(platformdirs.user_cache_dir("pumpleak")) / "kernels"


@lru_cache(maxsize=64)
def load(text: str) -> Loaded:
    """Return a kernel, from memory, from disk, or compiled.

    Args:
        text: one module in LLVM's intermediate language, with a function ``solve``.
    """
    key = hashlib.sha256(f"{processor()}\n{text}".encode()).hexdigest()
    path = cache_folder() / f"{key}.kernel"
    code = _read(path)
    if code is None:
        code = compiled(text)
        _keep(path, code)
    binding = _llvm()
    empty = binding.parse_assembly("")
    engine = binding.create_mcjit_compiler(empty, _engine_machine())
    engine.add_object_file(binding.ObjectFileRef.from_data(code))
    engine.finalize_object()
    return Loaded(engine.get_function_address("solve"), engine)


def _engine_machine() -> Any:
    # An engine takes its target machine over, so that each needs one of its own.
    return _machine.__wrapped__()


def compiled(text: str) -> bytes:
    """Return the machine code of a module.

    Args:
        text: as for `load`.

    Raises:
        SolverError: the text is no module; that is a fault of pumpleak.
    """
    binding = _llvm()
    try:
        module = binding.parse_assembly(text)
        module.verify()
    except RuntimeError as error:
        raise SolverError(f"a kernel could not be compiled ({error}); please report it") from error
    machine = _machine()
    options = binding.create_pipeline_tuning_options(speed_level=2)
    options.loop_vectorization = False
    options.slp_vectorization = False
    options.loop_unrolling = False
    passes = binding.create_pass_builder(machine, options)
    passes.getModulePassManager().run(module, passes)
    code: bytes = machine.emit_object(module)
    return code


def _read(path: Path) -> bytes | None:
    try:
        whole = path.read_bytes()
    except OSError:
        return None
    head, checksum, code = (
        whole[: len(_FORMAT)],
        whole[len(_FORMAT) :][:32],
        whole[len(_FORMAT) + 32 :],
    )
    if head != _FORMAT or hashlib.sha256(code).digest() != checksum:
        return None
    return code


def _keep(path: Path, code: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path) as new:
            new.write_bytes(_FORMAT + hashlib.sha256(code).digest() + code)
    except OSError:  # a full or read-only disk costs a compilation next time, no more
        return
