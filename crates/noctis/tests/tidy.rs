//! The house rules as tests: what neither the compiler nor clippy checks about the shape of this repository.
#![allow(
    clippy::unwrap_used,
    reason = "all of this is a test; an unreadable repository may end it"
)]

#[path = "tidy/literals.rs"]
mod literals;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

const LINES_MAX: usize = 500;
const FOLDER_DEPTH_MAX: usize = 16;

/// A file of the repository with its path from the root, parted by `/`. Binary files have no text.
struct Entry {
    path: String,
    text: Option<String>,
}

impl Entry {
    fn is_kind(&self, extension: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|own| own == extension)
    }

    fn text(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Every file but those of git and of builds.
fn files() -> Vec<Entry> {
    let root = root();
    let mut found = vec![];
    let mut folders = vec![(root.clone(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        assert!(depth < FOLDER_DEPTH_MAX, "{} nests too deep", folder.display());
        for entry in fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            if name == ".git" || name == "target" {
                continue;
            }
            if entry.file_type().unwrap().is_dir() {
                folders.push((entry.path(), depth + 1));
            } else {
                let path =
                    entry.path().strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
                found.push(Entry {
                    path,
                    text: String::from_utf8(fs::read(entry.path()).unwrap()).ok(),
                });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

#[track_caller]
fn assert_none(breaches: &[String]) {
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
}

#[test]
fn every_rust_file_says_what_it_is_and_every_query_what_it_answers() {
    let opens_well = |entry: &Entry| match entry {
        _ if entry.is_kind("rs") => entry.text().starts_with("//! "),
        _ if entry.is_kind("sql") => entry.text().starts_with("-- "),
        _ => true,
    };
    let breaches: Vec<String> = files()
        .iter()
        .filter(|entry| !opens_well(entry))
        .map(|entry| format!("{} does not open with a comment that says what it is", entry.path))
        .collect();
    assert_none(&breaches);
}

#[test]
fn no_file_is_too_long_to_read() {
    let is_written_by_hand = |entry: &&Entry| {
        ["rs", "sql", "md", "toml", "html", "css", "js"].iter().any(|kind| entry.is_kind(kind))
    };
    let breaches: Vec<String> = files()
        .iter()
        .filter(is_written_by_hand)
        .map(|entry| (entry, entry.text().lines().count()))
        .filter(|(_, lines)| *lines > LINES_MAX)
        .map(|(entry, lines)| {
            format!("{} has {lines} lines, {LINES_MAX} at most; it holds a second idea", entry.path)
        })
        .collect();
    assert_none(&breaches);
}

#[test]
fn no_module_has_a_name_that_says_nothing() {
    let says_nothing = |part: &str| {
        let stem = part.strip_suffix(".rs").unwrap_or(part);
        ["util", "utils", "common", "helper", "helpers", "misc", "types", "mod"].contains(&stem)
    };
    let breaches: Vec<String> = files()
        .iter()
        .filter(|entry| entry.is_kind("rs") && entry.path.split('/').any(says_nothing))
        .map(|entry| format!("{}: find the name of what it holds", entry.path))
        .collect();
    assert_none(&breaches);
}

#[test]
fn sql_stands_in_files_of_its_own() {
    let may_hold_sql = |path: &str| {
        let Some(in_crate) = path.strip_prefix("crates/").and_then(|rest| rest.split_once('/'))
        else {
            return false;
        };
        let (name, rest) = in_crate;
        let file = rest.rsplit('/').next().unwrap_or(rest);
        let builds_sql = ["ddl.rs", "compose.rs", "migrate.rs", "testing.rs", "server.rs"]
            .contains(&file)
            || rest.starts_with("src/server/")
            || rest.starts_with("src/partitions/ddl/")
            || rest.starts_with("src/compose/");
        rest.starts_with("tests/")
            || rest.starts_with("examples/")
            || file == "tests.rs"
            || (name == "noctis-store" && builds_sql)
    };
    let breaches: Vec<String> = files()
        .iter()
        .filter(|entry| entry.is_kind("rs") && !may_hold_sql(&entry.path))
        .flat_map(|entry| {
            let product =
                entry.text().split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            let found =
                literals::string_literals(product).into_iter().filter(|literal| is_sql(literal));
            found
                .map(|literal| format!("{}: {literal:?} belongs into a .sql file", entry.path))
                .collect::<Vec<_>>()
        })
        .collect();
    assert_none(&breaches);
}

#[test]
fn every_query_is_asked_by_one_function() {
    let files = files();
    let mut uses: BTreeMap<&str, usize> = sql_files_in("crates/noctis-store/sql/", &files);
    for entry in files.iter().filter(|entry| entry.is_kind("rs") && entry.path.contains("/src/")) {
        for after in entry.text().split("include_str!(").skip(1) {
            let Some(path) = after.split('"').nth(1) else { continue };
            if let Some(count) = uses.get_mut(beside(&entry.path, path).as_str()) {
                *count += 1;
            }
        }
    }
    let breaches: Vec<String> = uses
        .into_iter()
        .filter(|(_, count)| *count != 1)
        .map(|(path, count)| format!("{path} is included {count} times; one function asks it"))
        .collect();
    assert_none(&breaches);
}

#[test]
fn every_migration_is_in_the_list() {
    let files = files();
    let list =
        files.iter().find(|entry| entry.path == "crates/noctis-store/src/migrate.rs").unwrap();
    let breaches: Vec<String> = sql_files_in("crates/noctis-store/migrations/", &files)
        .into_keys()
        .map(|path| (path, Path::new(path).file_stem().unwrap().to_str().unwrap()))
        .filter(|(_, name)| list.text().matches(name).count() != 1)
        .map(|(path, name)| format!("{path}: migrate.rs must name {name} once"))
        .collect();
    assert_none(&breaches);
}

/// The SQL files of a folder, which must have some, none of them used yet.
fn sql_files_in<'a>(folder: &str, files: &'a [Entry]) -> BTreeMap<&'a str, usize> {
    let in_folder =
        files.iter().filter(|entry| entry.is_kind("sql") && entry.path.starts_with(folder));
    let found: BTreeMap<&str, usize> = in_folder.map(|entry| (entry.path.as_str(), 0)).collect();
    assert!(!found.is_empty(), "{folder} holds no .sql file");
    found
}

/// The path, relative to the file that names it, from the root.
fn beside(file: &str, relative: &str) -> String {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for component in Path::new(relative).components() {
        match component {
            Component::ParentDir => drop(parts.pop()),
            Component::Normal(part) => parts.push(part.to_str().unwrap()),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    parts.join("/")
}

/// The names of our crates, each with the packages its manifest names, and how.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let mut all = BTreeMap::new();
    for folder in fs::read_dir(root().join("crates")).unwrap() {
        let manifest = fs::read_to_string(folder.unwrap().path().join("Cargo.toml")).unwrap();
        let manifest: toml::Table = manifest.parse().unwrap();
        let mut packages = BTreeSet::new();
        collect_dependencies("", &manifest, &mut packages);
        all.insert(manifest["package"]["name"].as_str().unwrap().to_owned(), packages);
    }
    all
}

/// Adds `kind:package` for each entry of each table of dependencies, those of one platform included.
fn collect_dependencies(kind: &str, table: &toml::Table, packages: &mut BTreeSet<String>) {
    for (key, value) in table {
        if kind.ends_with("dependencies") {
            let package = value.get("package").and_then(toml::Value::as_str).unwrap_or(key);
            packages.insert(format!("{kind}:{package}"));
        } else if let Some(inner) = value.as_table() {
            collect_dependencies(key, inner, packages);
        }
    }
}

#[test]
fn the_core_depends_on_nothing_that_does_input_or_output() {
    let allowed = [
        "itoa",
        "jiff",
        "memchr",
        "rand_xoshiro",
        "rust_decimal",
        "serde",
        "serde_json",
        "sha1",
        "sha2",
        "thiserror",
        "unicode-normalization",
        "uuid",
    ];
    let breaches: Vec<String> = dependencies()["noctis-core"]
        .iter()
        .filter_map(|dependency| dependency.split_once(':'))
        .filter(|(kind, package)| *kind != "dev-dependencies" && !allowed.contains(package))
        .map(|(_, package)| format!("noctis-core may not depend on {package}"))
        .collect();
    assert_none(&breaches);
}

#[test]
fn only_the_store_speaks_to_postgresql_and_only_the_program_to_people() {
    let fences = [
        ("tokio-postgres", "noctis-store"),
        ("deadpool-postgres", "noctis-store"),
        ("axum", "noctis"),
        ("clap", "noctis"),
        ("parquet", "noctis-archive"),
        ("object_store", "noctis-archive"),
    ];
    let all = dependencies();
    let depends = |name: &str, package: &str| {
        all[name].iter().any(|dependency| dependency.ends_with(&format!(":{package}")))
    };
    for (package, owner) in fences {
        assert!(
            depends(owner, package),
            "{owner} does not depend on {package}; take its fence away"
        );
        for name in all.keys().filter(|name| *name != owner) {
            assert!(
                !depends(name, package),
                "{name} may not depend on {package}; that is for {owner}"
            );
        }
    }
}

#[test]
fn the_architecture_names_our_crates_and_no_others() {
    let path = root().join("ARCHITECTURE.md");
    let text = fs::read_to_string(&path).expect("ARCHITECTURE.md stands at the root");
    let is_part_of_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let named: BTreeSet<&str> = text
        .split(|c| !is_part_of_name(c))
        .filter(|word| *word == "noctis" || word.starts_with("noctis-"))
        .collect();
    let all = dependencies();
    let existing: BTreeSet<&str> = all.keys().map(String::as_str).collect();
    assert_eq!(named, existing, "left: named in ARCHITECTURE.md, right: in crates/");
}

#[test]
fn nothing_names_a_package_registry_or_a_folder_of_one_machine() {
    // Put together here, so that this file does not hold them.
    let registries = [
        ["crates", ".io"],
        ["pypi", ".org"],
        ["pythonhosted", ".org"],
        ["npmjs", ".org"],
        ["npmjs", ".com"],
        ["maven", ".org"],
        ["proxy.golang", ".org"],
        ["rubygems", ".org"],
        ["docker", ".io"],
    ];
    let machine_folders = [["/work", "/"], ["/root", "/."], ["/tmp", "/bash_jobs"]];
    let forbidden: Vec<String> =
        registries.iter().chain(&machine_folders).map(|parts| parts.concat()).collect();
    let breaches: Vec<String> = files()
        .iter()
        .filter(|entry| !entry.path.ends_with("Cargo.lock"))
        .flat_map(|entry| {
            let found = forbidden.iter().filter(|word| entry.text().contains(word.as_str()));
            found.map(|word| format!("{} names {word}", entry.path)).collect::<Vec<_>>()
        })
        .collect();
    assert_none(&breaches);
}

/// Whether a literal of at least two words holds a statement: keywords are upper case here, and if not, are known pairs.
fn is_sql(literal: &str) -> bool {
    let verbs = [
        "SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "COPY", "LOCK",
        "TRUNCATE",
    ];
    let lower =
        ["select ", "insert into ", "delete from ", "create table ", "alter table ", "drop table "];
    let mut words = literal.split_whitespace();
    let has_verb =
        literal.split_whitespace().any(|word| verbs.contains(&word.trim_start_matches('(')));
    let starts_lower = lower.iter().any(|start| literal.trim_start().starts_with(start));
    words.nth(1).is_some() && (has_verb || starts_lower)
}

#[test]
fn a_statement_is_told_from_a_sentence() {
    for sql in ["SELECT 1", "WITH x AS (SELECT 1) TABLE x", "select 1 from x", "COPY x FROM STDIN"]
    {
        assert!(is_sql(sql), "{sql}");
    }
    for other in
        ["DELETE", "create the folder", "an update of the list", "../sql/killmail/select.sql"]
    {
        assert!(!is_sql(other), "{other}");
    }
}
