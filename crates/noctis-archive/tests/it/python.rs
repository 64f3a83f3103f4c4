//! Python, as far as it is there with what a test needs; without, the test says so and is left out.

use std::process::{Command, Stdio};

/// `python3` with these modules, or a line that says what is missing.
pub(crate) fn python(modules: &str, test: &str) -> Option<Command> {
    let found = Command::new("python3")
        .args(["-c", &format!("import {modules}")])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if found.is_ok_and(|status| status.success()) {
        return Some(Command::new("python3"));
    }
    println!("{test} is left out: there is no python3 with {modules}");
    None
}
