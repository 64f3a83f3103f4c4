//! The file layer: `noctis.toml` becomes one entry a key, each with its line.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::ops::Range;
use std::path::Path;

use anyhow::{Context, bail};
use toml::de::{DeTable, DeValue};

use super::keys;
use super::settings::{Given, Origin, find};

/// Far more than a configuration needs; a larger file is something else.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// The text of the file, or nothing when it is not there.
pub(super) fn read(path: &Path) -> anyhow::Result<Option<String>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("opening {}", path.display())),
    };
    let mut text = String::new();
    file.take(FILE_BYTES_MAX + 1)
        .read_to_string(&mut text)
        .with_context(|| format!("reading {} as text", path.display()))?;
    if text.len() as u64 > FILE_BYTES_MAX {
        bail!("{} is larger than 1 MiB; is it the configuration?", path.display());
    }
    Ok(Some(text))
}

/// Every value in the text, or what is wrong with it. `path` is only named.
///
/// A message of the TOML reader is given without the line it is about, since that may hold a password.
pub(super) fn layer(text: &str, path: &Path) -> Vec<Result<Given, String>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let origin =
        |span: Range<usize>| Origin::File { path: path.into(), line: line_of(text, span.start) };
    let mut entries: Vec<_> = errors
        .iter()
        .map(|error| Err(format!("{}: {}", origin(error.span().unwrap_or(0..0)), error.message())))
        .collect();
    if entries.is_empty() {
        collect(table.get_ref(), "", &origin, &mut entries);
    }
    entries
}

/// Flattens tables to names with dots. The parser bounds how deep they nest.
fn collect(
    table: &DeTable<'_>,
    prefix: &str,
    origin: &dyn Fn(Range<usize>) -> Origin,
    entries: &mut Vec<Result<Given, String>>,
) {
    for (key, value) in table {
        let name = format!("{prefix}{}", key.get_ref());
        let origin_here = origin(key.span());
        let text = match value.get_ref() {
            DeValue::Table(inner) => {
                let inner_prefix = format!("{name}.");
                if inner.is_empty()
                    && !keys::ALL.iter().any(|about| about.name.starts_with(&inner_prefix))
                {
                    entries.push(Err(format!("{origin_here}: there is no table `{name}`")));
                }
                collect(inner, &inner_prefix, origin, entries);
                continue;
            }
            DeValue::String(text) => text.clone().into_owned(),
            DeValue::Integer(integer) => integer.to_string(),
            DeValue::Float(float) => float.to_string(),
            DeValue::Boolean(boolean) => boolean.to_string(),
            DeValue::Datetime(datetime) => datetime.to_string(),
            DeValue::Array(_) => {
                entries.push(Err(format!("{origin_here}: `{name}` must be one value, not a list")));
                continue;
            }
        };
        entries.push(find(&name, &origin_here).map(|about| Given {
            about,
            text,
            origin: origin_here,
        }));
    }
}

/// The line that holds this byte, counted from 1.
fn line_of(text: &str, offset: usize) -> usize {
    1 + text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count()
}
