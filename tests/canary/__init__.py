"""Nobody can be found where nobody should be: made-up people are looked for in all that a run leaves behind.

`canaries` makes them, `forms` knows in which shapes they could hide, `system` runs the services as real processes,
`story` is what happens to the people, `places` lists what is kept where, `sweep` looks there, and `plants` puts leaks
there that it must find.
"""
