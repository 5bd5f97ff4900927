"""`headwater completion`: the script that teaches a shell this command line."""

from __future__ import annotations

import click

from catalog.cli.options import examples

SHELLS = ("bash", "zsh", "fish")


@click.command(
    epilog=examples(
        'eval "$(headwater completion bash)"',
        "headwater completion fish > ~/.config/fish/completions/headwater.fish",
    )
)
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell.

    Have the shell evaluate it when it starts, in ~/.bashrc or ~/.zshrc.
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None
    script = kind(ctx.find_root().command, {}, "headwater", "_HEADWATER_COMPLETE")
    click.echo(script.source())
