//! The program: runs the command it was given and ends with its exit code.

fn main() -> anyhow::Result<()> {
    noctis::cli::run()
}
