//! The program: runs the command it was given and ends with its exit code.

fn main() -> std::process::ExitCode {
    noctis::cli::run()
}
