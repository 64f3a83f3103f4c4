//! The forms files come in: whatever killmails are packed in, the tables are the same.

use std::fs;
use std::io::Write;
use std::path::Path;

use bzip2::write::BzEncoder;
use flate2::write::GzEncoder;
use noctis_store::testing::TestStore;

use crate::program::{import, noctis_reading};
use crate::samples::bodies;
use crate::tables::{assert_same, contents};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn tar(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in entries {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder.append_data(&mut header, name, bytes.as_slice()).unwrap();
    }
    builder.into_inner().unwrap()
}

/// As EVE Ref packs a day: a file a kill.
pub(super) fn entries(bodies: &[String]) -> Vec<(String, Vec<u8>)> {
    let entry = |(index, body): (usize, &String)| {
        (format!("killmails/{index}.json"), body.clone().into_bytes())
    };
    bodies.iter().enumerate().map(entry).collect()
}

/// By text, since a number read and written again may be another one.
fn pretty(body: &str) -> String {
    body.replace(',', ",\n    ").replace('{', "{\n").replace('[', "[\n  ") + "\n"
}

/// `{"id": {body}, …}`, as zKillboard's raw history has it.
fn history(bodies: &[String]) -> String {
    let entry = |body: &String| {
        let value: serde_json::Value = serde_json::from_str(body).unwrap();
        format!("\"{}\": {body}", value["killmail_id"])
    };
    format!("{{{}}}", bodies.iter().map(entry).collect::<Vec<_>>().join(","))
}

/// Every form, by the name of its file, which says nothing to the reader.
fn forms(bodies: &[String]) -> Vec<(&'static str, Vec<u8>)> {
    let lines = bodies.join("\n").into_bytes();
    let (first, second) = bodies.split_at(bodies.len() / 2);
    let (first, second) = (first.join("\n") + "\n", second.join("\n"));
    let two =
        |pack: fn(&[u8]) -> Vec<u8>| [pack(first.as_bytes()), pack(second.as_bytes())].concat();
    let zstd = |bytes: &[u8]| zstd::encode_all(bytes, 1).unwrap();
    let zipped_entries: Vec<(String, Vec<u8>)> =
        entries(bodies).into_iter().map(|(name, bytes)| (name, gzip(&bytes))).collect();
    let hidden = ("._killmails".to_owned(), b"what an archiver left".to_vec());
    let with_hidden = [vec![hidden], entries(bodies)].concat();
    vec![
        ("lines", lines.clone()),
        ("lines with carriage returns", bodies.join("\r\n").into_bytes()),
        (
            "printed over several lines",
            bodies.iter().map(|body| pretty(body)).collect::<String>().into_bytes(),
        ),
        ("an array", format!("[{}]", bodies.join(",")).into_bytes()),
        ("a history", history(bodies).into_bytes()),
        ("gzip", gzip(&lines)),
        ("gzip of two members", two(gzip)),
        ("bzip2", bzip2(&lines)),
        ("bzip2 of two streams", two(bzip2)),
        ("zstd of two frames", [zstd(first.as_bytes()), zstd(second.as_bytes())].concat()),
        ("tar", tar(&with_hidden)),
        ("tar in bzip2, as of EVE Ref", bzip2(&tar(&entries(bodies)))),
        ("tar in zstd", zstd(&tar(&entries(bodies)))),
        ("tar of gzipped files", gzip(&tar(&zipped_entries))),
    ]
}

#[tokio::test]
async fn every_form_of_the_same_killmails_gives_the_same_tables() {
    let bodies = bodies(30);
    let folder = tempfile::tempdir().unwrap();
    let mut expected = None;
    let mut check = |form: &str, contents| match &expected {
        None => expected = Some(contents),
        Some(expected) => assert_same(&contents, expected, form),
    };
    for (form, bytes) in forms(&bodies) {
        let test = TestStore::new().await;
        let path = folder.path().join(form);
        fs::write(&path, bytes).unwrap();
        let summary = import(&test, &path);
        assert_eq!((&summary["read"], &summary["stored"]), (&30.into(), &30.into()), "{form}");
        check(form, contents(&test).await);
    }
    let test = TestStore::new().await;
    import(&test, &make_folder(folder.path(), &bodies));
    check("a folder", contents(&test).await);

    let test = TestStore::new().await;
    let packed = gzip(bodies.join("\n").as_bytes());
    noctis_reading(&test, &["import", "-"], &packed).good();
    check("standard input", contents(&test).await);
}

/// A file a kill in a folder of folders, with something hidden beside them.
fn make_folder(under: &Path, bodies: &[String]) -> std::path::PathBuf {
    let folder = under.join("a folder");
    for (index, body) in bodies.iter().enumerate() {
        let path = folder.join(format!("{}/{index}", index % 3));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, body).unwrap();
    }
    fs::write(folder.join(".hidden"), "no killmail").unwrap();
    folder
}
