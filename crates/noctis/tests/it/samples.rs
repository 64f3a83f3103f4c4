//! Killmails for the tests: generated bodies, files of them, and the real ones.

use noctis_core::generate::{GalaxySource, Generator, Options};
use noctis_store::testing::catalogue;
use serde_json::Value;

/// Generated bodies of two months, one a string, the same for the same number.
pub(crate) fn bodies(kills: u64) -> Vec<String> {
    let options = Options {
        kills,
        from: "2026-05-01T00:00:00Z".parse().unwrap(),
        to: "2026-06-30T00:00:00Z".parse().unwrap(),
        seed: 7,
        oddities: true,
        zkb: false,
    };
    let mut generator = Generator::new(&GalaxySource::of(&catalogue()), options).unwrap();
    let mut bodies = Vec::new();
    let mut body = Vec::new();
    while generator.write_next(&mut body) {
        bodies.push(String::from_utf8(std::mem::take(&mut body)).unwrap().trim_end().to_owned());
    }
    bodies
}

/// NDJSON that is stored in batches of `batch` kills: the last of each comes again with more white space, and the same
/// id with another text ends a batch.
pub(crate) fn in_batches(bodies: &[String], batch: usize) -> String {
    let mut text = String::new();
    for chunk in bodies.chunks(batch) {
        for body in chunk {
            text.push_str(body);
            text.push('\n');
        }
        text.push_str(&chunk.last().unwrap().replacen('{', "{ ", 1));
        text.push('\n');
    }
    text
}

/// The same body with another value in one field.
pub(crate) fn changed(body: &str, field: &str, value: Value) -> String {
    let mut body: Value = serde_json::from_str(body).unwrap();
    body[field] = value;
    body.to_string()
}
