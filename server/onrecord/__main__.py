"""The command's entry point: `onrecord`, and `python -m onrecord`."""

import sys


def main() -> None:
    """Run the command line where Onrecord runs at all; on Windows say so in one sentence."""
    if sys.platform == "win32":
        sys.exit("onrecord: Windows is not supported. Use Linux, macOS or the Windows Subsystem for Linux.")
    # Imported late: what it imports exists on POSIX only.
    from onrecord import cli

    cli.main()


if __name__ == "__main__":
    main()
