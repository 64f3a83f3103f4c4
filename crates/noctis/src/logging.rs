//! Where log lines go: to standard error, as text for a person at a terminal, as JSON for a machine.
//!
//! Standard output belongs to the answer of a command, so nothing is ever logged there.

use std::io::IsTerminal;

use anyhow::Context;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{Log, LogFormat};

/// Sends every event of this process to standard error in the configured form.
///
/// # Errors
/// When logging has been started before, or when the level is not a filter; both are mistakes in this program, since
/// the configuration has checked the level.
pub fn start(log: &Log) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&log.level)
        .with_context(|| format!("reading log_level `{}`", log.level))?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if is_json(log.format, std::io::stderr().is_terminal()) {
        builder.json().flatten_event(true).finish().try_init()
    } else {
        builder.with_ansi(std::io::stderr().is_terminal()).finish().try_init()
    }
    .context("starting the log")
}

fn is_json(format: LogFormat, is_terminal: bool) -> bool {
    match format {
        LogFormat::Auto => !is_terminal,
        LogFormat::Text => false,
        LogFormat::Json => true,
    }
}

/// An error with its causes in one line. A cause that the text before it tells already is not told again.
#[must_use]
pub fn sentence(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |text, cause| {
        match text.contains(&cause) {
            true => text,
            false if text.is_empty() => cause,
            false => format!("{text}: {cause}"),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_told_once() {
        let cause = anyhow::anyhow!("refused").context("connecting: refused");
        assert_eq!(sentence(&cause.context("importing")), "importing: connecting: refused");
    }

    #[test]
    fn only_a_terminal_gets_text_unless_told() {
        assert!(!is_json(LogFormat::Auto, true));
        assert!(is_json(LogFormat::Auto, false));
        assert!(!is_json(LogFormat::Text, false));
        assert!(is_json(LogFormat::Json, true));
    }
}
