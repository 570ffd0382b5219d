"""How fast generated code is, side by side with what a user would write instead.

    python -m benchmarks.speed [--cells vanilla,lstm] [--sizes 1,2] [--rivals jax,torch_loop] [--quick]

The whole run writes `benchmarks/RESULTS.md`; a part of it is printed. See `--help`.
"""
