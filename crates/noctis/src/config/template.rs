//! What `noctis config init` writes: every key with its help and its default, commented out.
//!
//! Commented out, so that a later version's better default reaches whoever did not choose.

use std::fmt::Write;

use super::environment::variable_of;
use super::keys::{self, About, Fallback};
use super::surroundings::Surroundings;

const HEAD: &str = "\
# Configuration of noctis. Remove the `#` before a key to choose its value; the values here are the defaults.
# A variable prevails over this file, and a flag over both. `noctis config show` tells which value holds and why.
";

const HELP_COLUMNS_MAX: usize = 110;

/// The text of a new `noctis.toml`, for whoever runs us.
#[must_use]
pub fn template(surroundings: &Surroundings) -> String {
    let mut text = HEAD.to_owned();
    let mut table = "";
    for about in keys::ALL {
        let (table_here, key) = about.name.split_once('.').unwrap_or(("", about.name));
        if table_here != table {
            write!(text, "\n[{table_here}]\n").expect("a String takes every write");
            table = table_here;
        }
        text.push('\n');
        for line in wrap(about.help) {
            writeln!(text, "# {line}").expect("a String takes every write");
        }
        writeln!(text, "# Variable: {}", variable_of(about.name))
            .expect("a String takes every write");
        text.push_str(&assignment(about, key, surroundings));
    }
    text
}

fn assignment(about: &About, key: &str, surroundings: &Surroundings) -> String {
    let (note, value) = match &about.fallback {
        Fallback::Text(text) => ("", (*text).to_owned()),
        Fallback::DataHome => {
            let folder = surroundings.data_home().unwrap_or_else(|| "/var/lib/noctis".into());
            ("", folder.display().to_string())
        }
        Fallback::Unset { example } => ("# Not set; for example:\n", (*example).to_owned()),
    };
    let literal = match value.parse::<i64>() {
        Ok(number) => number.to_string(),
        Err(_) => toml::Value::String(value).to_string(),
    };
    format!("{note}#{key} = {literal}\n")
}

fn wrap(help: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in help.split_whitespace() {
        let line = lines.last_mut().expect("there is always a line");
        if !line.is_empty() && line.len() + 1 + word.len() > HELP_COLUMNS_MAX {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}
