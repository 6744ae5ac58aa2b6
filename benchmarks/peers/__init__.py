"""The equal small job in other libraries, each in its own module and run in a process of its own.

``python -m benchmarks.peers NAME FILE SECONDS`` prints one line of JSON when it is ready and one for every line it
reads. A peer module has ``PACKAGE``, the name under which its package is installed, and ``prepare(job)``, which returns
the function that is measured. Nothing here imports ``pension``, so a peer can live in an environment of its own.
"""
