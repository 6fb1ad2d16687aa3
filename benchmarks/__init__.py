"""Speed beside the peers: `python -m benchmarks`, or `make bench`.

Every library runs on one thread of one process. Libraries that each keep a pool of threads slow one another many times
over in one process; with one thread each they don't, and only in one process can they take turns every few
milliseconds, so that a machine whose speed drifts under other work drifts for all of them alike. The libraries read
these variables when they are imported, so they are set here, before anything else.
"""

import os

os.environ.update(
    OMP_NUM_THREADS="1",
    OPENBLAS_NUM_THREADS="1",
    MKL_NUM_THREADS="1",
    VECLIB_MAXIMUM_THREADS="1",
    NPROC="1",  # the size of XLA's pool of threads
    XLA_FLAGS="--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    JAX_PLATFORMS="cpu",
    JAX_ENABLE_X64="1",  # scalars in float64, as everywhere else; float32 arrays stay float32
)
