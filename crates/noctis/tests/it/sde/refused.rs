//! What is no whole static data is refused with one sentence, and changes nothing.

use std::fs::{self, OpenOptions};
use std::path::Path;

use noctis_store::testing::TestStore;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::export::Export;
use super::import_sde;
use crate::tables::number;

async fn problem(path: &str) -> String {
    let stop = CancellationToken::new();
    let error = noctis::sde::read(&path.into(), Path::new("/"), &stop).await.unwrap_err();
    noctis::logging::sentence(&error)
}

#[tokio::test]
async fn a_folder_that_lacks_a_table_or_part_of_one_is_refused() {
    let parent = tempfile::tempdir().unwrap();
    let export = Export::of_the_binary();
    let path = export.write_folder(parent.path());
    let folder = Path::new(&path);
    let files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 12);
    let aside = parent.path().join("aside");
    for file in files {
        let name = file.file_name().unwrap().to_str().unwrap();
        fs::rename(&file, &aside).unwrap();
        let said = problem(&path).await;
        assert!(said.contains(&format!("there is no {name} in it")), "{said}");
        fs::rename(&aside, &file).unwrap();
    }

    let regions = folder.join("mapRegions.jsonl");
    let text = fs::read_to_string(&regions).unwrap();
    let first = text.lines().next().unwrap();
    for (text, sentence) in [
        (String::new(), "mapRegions.jsonl is empty"),
        (text[..text.len() / 2].to_owned(), "reading mapRegions.jsonl, line "),
        (format!("{text}{first}\n"), "mapRegions.jsonl has an id twice"),
        (text.replacen("\"en\"", "\"xx\"", 1), "missing field `en`"),
        (text.lines().skip(1).collect(), "reading mapRegions.jsonl, line 1"),
        (format!("{text}{}", " ".repeat(5 << 20)), "a line of more than 4194304 bytes"),
    ] {
        fs::write(&regions, text).unwrap();
        let said = problem(&path).await;
        assert!(said.contains(sentence), "{said}");
    }
    // A hole of a gibibyte, which takes no room on the disk.
    let oversize = OpenOptions::new().write(true).open(&regions).unwrap();
    oversize.set_len((1 << 30) + 1).unwrap();
    let said = problem(&path).await;
    assert!(said.contains("mapRegions.jsonl has 1073741825 bytes, 1073741824 at most"), "{said}");
}

#[tokio::test]
async fn references_to_nothing_and_the_remains_of_a_table_are_refused() {
    let parent = tempfile::tempdir().unwrap();
    let mut export = Export::of_the_binary();
    let path = export.write_folder(parent.path());
    let folder = Path::new(&path);
    let whole = export.table("types").clone();
    export.table("types").get_mut(&587).unwrap()["groupID"] = json!(999_999);
    fs::write(folder.join("types.jsonl"), export.text("types")).unwrap();
    let said = problem(&path).await;
    assert!(said.contains("there is no group 999999 in this static data"), "{said}");
    assert!(said.contains("types.jsonl, line "), "{said}");

    *export.table("types") = whole.into_iter().take(20_000).collect();
    fs::write(folder.join("types.jsonl"), export.text("types")).unwrap();
    let said = problem(&path).await;
    assert!(said.contains("types has 20000 rows and EVE had 53289 already"), "{said}");
}

#[tokio::test]
async fn a_cut_zip_no_zip_and_an_older_build_are_refused_and_change_nothing() {
    let test = TestStore::new().await;
    let parent = tempfile::tempdir().unwrap();
    let mut export = Export::newer();
    export.build = 3_000_000;
    let older = export.write_zip(parent.path());
    let bytes = fs::read(&older).unwrap();
    let cut = parent.path().join("cut.zip");
    fs::write(&cut, &bytes[..bytes.len() - 1_000]).unwrap();
    let no_zip = parent.path().join("no.zip");
    fs::write(&no_zip, "no zip at all").unwrap();
    let damaged = parent.path().join("damaged.zip");
    let mut broken = bytes.clone();
    let middle = broken.len() / 2;
    broken[middle..middle + 100].fill(0);
    fs::write(&damaged, broken).unwrap();
    for (path, sentence) in [
        (older.as_str(), "this is build 3000000, and "),
        (cut.to_str().unwrap(), "is no zip, or is cut off"),
        (no_zip.to_str().unwrap(), "is no zip, or is cut off"),
        (damaged.to_str().unwrap(), ".jsonl, line "),
        ("/nowhere/at/all.zip", "/nowhere/at/all.zip"),
    ] {
        let said = import_sde(&test, path);
        assert_eq!((said.code(), said.err.lines().count()), (1, 1), "{}", said.err);
        assert!(said.err.contains(sentence), "{path}: {}", said.err);
    }
    assert_eq!(number(&test, "SELECT count(*) FROM static_data").await, 0);
}
