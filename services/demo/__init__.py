"""The demo: a made-up county streams in through the real REST addresses, and is measured from outside."""
