//! `noctis config`: write a configuration file, check it, show what holds and why.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use comfy_table::Table;
use comfy_table::presets::NOTHING;

use crate::config::{Config, FILE_NAME, GlobalArgs, Surroundings, template};

/// What to do with the configuration.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum ConfigCommand {
    /// Write a noctis.toml with every key and its default; never over an existing file
    Init,
    /// Read and check file, variables and flags; unknown keys are errors
    Check,
    /// Show every key, its value and where it comes from
    Show {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// Runs one of the commands, which answers on `out`.
///
/// # Errors
/// When the configuration is wrong, the file to write exists or cannot be written, or `out` is closed.
pub fn run(
    command: &ConfigCommand,
    global: &GlobalArgs,
    surroundings: &Surroundings,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    match command {
        ConfigCommand::Init => {
            let path = global.config.clone().unwrap_or_else(|| PathBuf::from(FILE_NAME));
            init(&path, surroundings)?;
            writeln!(out, "Wrote {}.", path.display())?;
        }
        ConfigCommand::Check => {
            let config = Config::resolve(global, &[], surroundings)?;
            match config.file {
                Some(path) => writeln!(out, "{} is good.", path.display())?,
                None => writeln!(out, "There is no {FILE_NAME}; variables and flags are good.")?,
            }
        }
        ConfigCommand::Show { json } => {
            let config = Config::resolve(global, &[], surroundings)?;
            if *json {
                writeln!(out, "{:#}", as_json(&config))?;
            } else {
                writeln!(out, "{}", as_table(&config))?;
            }
        }
    }
    Ok(())
}

fn init(path: &Path, surroundings: &Surroundings) -> anyhow::Result<()> {
    match OpenOptions::new().write(true).create_new(true).open(surroundings.directory.join(path)) {
        Ok(mut file) => file
            .write_all(template(surroundings).as_bytes())
            .with_context(|| format!("writing {}", path.display())),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bail!(
                "{} exists already; remove it first, or name another with --config",
                path.display()
            )
        }
        Err(error) => Err(error).with_context(|| format!("creating {}", path.display())),
    }
}

fn as_json(config: &Config) -> serde_json::Value {
    serde_json::json!({ "file": config.file, "settings": config.settings })
}

fn as_table(config: &Config) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(["KEY", "VALUE", "ORIGIN"]);
    for setting in &config.settings {
        table.add_row([setting.key, setting.value.as_deref().unwrap_or("-"), &setting.origin]);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.trim_fmt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn init_writes_a_file_that_resolves_and_never_overwrites() {
        let folder = tempfile::tempdir().unwrap();
        let surroundings = Surroundings {
            variables: vec![],
            directory: folder.path().into(),
            is_root: true,
            system_file: folder.path().join("etc.toml"),
        };
        let global = GlobalArgs::default();
        let mut said = Vec::new();
        run(&ConfigCommand::Init, &global, &surroundings, &mut said).unwrap();
        run(&ConfigCommand::Check, &global, &surroundings, &mut said).unwrap();
        assert_eq!(String::from_utf8(said).unwrap(), "Wrote noctis.toml.\nnoctis.toml is good.\n");

        std::fs::write(folder.path().join(FILE_NAME), "listen = '[::1]:1'").unwrap();
        let again = run(&ConfigCommand::Init, &global, &surroundings, &mut Vec::new());
        insta::assert_snapshot!(again.unwrap_err(), @"noctis.toml exists already; remove it first, or name another with --config");
        assert_eq!(
            std::fs::read_to_string(folder.path().join(FILE_NAME)).unwrap(),
            "listen = '[::1]:1'"
        );
    }

    #[test]
    fn the_table_names_key_value_and_origin() {
        let surroundings = Surroundings {
            variables: vec![("NOCTIS_DATABASE_URL".into(), "postgres://a:hunter2@db/k".into())],
            directory: "/nowhere".into(),
            is_root: true,
            system_file: "/nowhere/noctis.toml".into(),
        };
        let global = GlobalArgs { set: vec!["partitions.ahead=6".into()], ..GlobalArgs::default() };
        let config = Config::resolve(&global, &[], &surroundings).unwrap();
        insta::assert_snapshot!(as_table(&config), @r"
        KEY                            VALUE                       ORIGIN
        database_url                   postgres://a:***@db/k       NOCTIS_DATABASE_URL
        data_dir                       /var/lib/noctis             default
        listen                         127.0.0.1:8080              default
        pg_listen                      -                           default
        postgres_archive               -                           default
        postgres_download_url          -                           default
        log_format                     auto                        default
        log_level                      info                        default
        contact                        -                           default
        partitions.interval            month                       default
        partitions.ahead               6                           --set partitions.ahead
        partitions.lock_budget_ms_max  400                         default
        partitions.keep_months         12                          default
        partitions.after               archive                     default
        partitions.settle              7d                          default
        partitions.grace               7d                          default
        partitions.floor               3                           default
        partitions.cap                 3                           default
        archive.dir                    -                           default
        archive.s3_endpoint            -                           default
        archive.s3_region              us-east-1                   default
        archive.s3_access_key_id       -                           default
        archive.s3_secret_access_key   -                           default
        import.min_free_disk           10GB                        default
        import.max_parked              100                         default
        value.prefer                   zkb                         default
        http.statement_timeout         10s                         default
        http.cors                      off                         default
        esi.base_url                   https://esi.evetech.net     default
        web.images                     true                        default
        web.image_server               https://images.evetech.net  default
        ");
        insta::assert_snapshot!(as_json(&config)["settings"][0].to_string(), @r#"{"key":"database_url","origin":"NOCTIS_DATABASE_URL","value":"postgres://a:***@db/k"}"#);
    }
}
