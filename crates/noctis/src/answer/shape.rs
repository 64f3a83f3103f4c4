//! The shape of an answer: what of each kill is told, and in which format.

use noctis_core::question::Fault;

/// What of each kill is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fields {
    #[default]
    All,
    /// Id, hash and time, as a feed of ids has them.
    Ids,
}

/// How it is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    #[default]
    Json,
    /// A JSON object a line.
    Ndjson,
    /// Comma-separated values with a heading.
    Csv,
}

/// Both together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    pub fields: Fields,
    pub format: Format,
}

/// The keys of the shape with what they mean, which are no part of the question: a cursor is good for every shape.
pub const SHAPE_KEYS: [(&str, &str); 2] = [
    ("fields", "ids: id, hash and time of each kill alone"),
    ("format", "json, ndjson (an object a line) or csv; the latter two are streamed"),
];

impl Shape {
    /// Takes the keys of the shape out of the pairs; the question remains.
    ///
    /// # Errors
    /// When a value is none of those known, or is given twice.
    pub fn take(pairs: &mut Vec<(String, String)>) -> Result<Shape, Fault> {
        let mut shape = Shape::default();
        for (key, _) in SHAPE_KEYS {
            let mut values =
                pairs.extract_if(.., |(asked, _)| asked == key).map(|(_, value)| value);
            let Some(value) = values.next() else { continue };
            if values.next().is_some() {
                return Err(bad(key, &value, "this key is given twice"));
            }
            match key {
                "fields" => shape.fields = fields(key, &value)?,
                _ => shape.format = format(key, &value)?,
            }
        }
        Ok(shape)
    }
}

fn fields(key: &str, value: &str) -> Result<Fields, Fault> {
    match value {
        "all" => Ok(Fields::All),
        "ids" => Ok(Fields::Ids),
        _ => Err(bad(key, value, "expected ids or all")),
    }
}

fn format(key: &str, value: &str) -> Result<Format, Fault> {
    match value {
        "json" => Ok(Format::Json),
        "ndjson" => Ok(Format::Ndjson),
        "csv" => Ok(Format::Csv),
        _ => Err(bad(key, value, "expected json, ndjson or csv")),
    }
}

fn bad(key: &str, value: &str, expected: &str) -> Fault {
    let shown = value.chars().take(80).collect();
    Fault::BadValue { key: key.to_owned(), value: shown, expected: expected.to_owned() }
}
