//! Layers, origins and refusals of the configuration, through [`Config::resolve`].

use tempfile::TempDir;

use super::environment::variable_of;
use super::keys::{About, Fallback, Kind};
use super::*;

/// A folder of its own for one test, nothing in the environment, nobody special.
struct Place {
    folder: TempDir,
    surroundings: Surroundings,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let surroundings = Surroundings {
            variables: vec![],
            directory: folder.path().into(),
            is_root: false,
            system_file: folder.path().join("etc/noctis.toml"),
        };
        Self { folder, surroundings }.variable("HOME", "/home/pilot")
    }

    fn variable(mut self, name: &str, value: &str) -> Self {
        self.surroundings.variables.push((name.into(), value.into()));
        self
    }

    fn file(self, path: &str, text: &str) -> Self {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    fn path(&self, path: &str) -> String {
        self.folder.path().join(path).display().to_string()
    }

    fn resolve(&self, global: &GlobalArgs) -> anyhow::Result<Config> {
        Config::resolve(global, &[], &self.surroundings)
    }

    fn config(&self) -> Config {
        self.resolve(&GlobalArgs::default()).unwrap()
    }

    fn refusal(&self) -> String {
        self.resolve(&GlobalArgs::default()).unwrap_err().to_string()
    }
}

fn set(assignments: &[&str]) -> GlobalArgs {
    GlobalArgs {
        set: assignments.iter().map(ToString::to_string).collect(),
        ..GlobalArgs::default()
    }
}

fn setting<'a>(config: &'a Config, key: &str) -> (Option<&'a str>, &'a str) {
    let found = config.settings.iter().find(|setting| setting.key == key).unwrap();
    (found.value.as_deref(), &found.origin)
}

fn without_settings(config: Config) -> String {
    format!("{:#?}", Config { settings: vec![], file: None, ..config })
}

#[test]
fn every_default_and_every_example_can_be_read() {
    let place = Place::new();
    place.config();
    for about in keys::ALL {
        let (Fallback::Text(text) | Fallback::Unset { example: text }) = about.fallback else {
            continue;
        };
        let assignment = format!("{}={text}", about.name);
        let config = place.resolve(&set(&[&assignment])).unwrap();
        assert_eq!(setting(&config, about.name).1, format!("--set {}", about.name));
    }
}

#[test]
fn without_any_layer_the_defaults_hold() {
    let config = Place::new().config();
    assert_eq!(config.database_url, None);
    assert_eq!(config.data_dir, Path::new("/home/pilot/.local/share/noctis"));
    assert_eq!(config.listen, "127.0.0.1:8080".parse().unwrap());
    assert_eq!(config.partitions.policy.ahead, 3);
    assert_eq!(config.partitions.lock_budget_max, Duration::from_millis(400));
    assert_eq!(config.import.min_free_disk_bytes, 10_000_000_000);
    assert_eq!(config.http.statement_timeout, Duration::from_secs(10));
    assert!(config.settings.iter().all(|setting| setting.origin == "default"));
}

#[test]
fn a_file_beats_the_default_a_variable_the_file_and_a_flag_the_variable() {
    let key = "partitions.ahead";
    let place = Place::new();
    assert_eq!(setting(&place.config(), key), (Some("3"), "default"));

    let place = place.file("noctis.toml", "listen = \"127.0.0.1:1\"\n[partitions]\nahead = 4\n");
    assert_eq!(setting(&place.config(), key), (Some("4"), "noctis.toml:3"));

    let place = place.variable("NOCTIS_PARTITIONS_AHEAD", "5");
    assert_eq!(setting(&place.config(), key), (Some("5"), "NOCTIS_PARTITIONS_AHEAD"));

    let config = place.resolve(&set(&["partitions.ahead=6"])).unwrap();
    assert_eq!(setting(&config, key), (Some("6"), "--set partitions.ahead"));
    assert_eq!(config.partitions.policy.ahead, 6);
    assert_eq!(config.listen, "127.0.0.1:1".parse().unwrap());
}

#[test]
fn what_the_environment_tells_of_the_machine_is_kept() {
    let place = Place::new().variable("PATH", "/usr/bin:/bin");
    let machine = place.config().machine;
    assert_eq!(machine.search_path, Some("/usr/bin:/bin".into()));
    assert_eq!(machine.home, Some("/home/pilot".into()));
    assert_eq!(machine.temp_dir, Path::new("/tmp"));
    assert_eq!(
        place.variable("TMPDIR", "/scratch").config().machine.temp_dir,
        Path::new("/scratch")
    );
}

#[test]
fn a_flag_of_a_command_beats_set() {
    let flag = CommandFlag {
        about: &keys::LISTEN.about,
        flag: "--listen",
        text: Some("127.0.0.1:3".into()),
    };
    let global = set(&["listen=127.0.0.1:2"]);
    let config = Config::resolve(&global, &[flag], &Place::new().surroundings).unwrap();
    assert_eq!(setting(&config, "listen"), (Some("127.0.0.1:3"), "--listen"));
}

#[test]
fn our_own_variable_for_the_database_beats_the_common_one() {
    let place = Place::new().variable("NOCTIS_DATABASE_URL", "postgres://ours/k");
    let place = place.variable("DATABASE_URL", "postgres://common/k");
    let url = "postgres://ours/k";
    assert_eq!(setting(&place.config(), "database_url"), (Some(url), "NOCTIS_DATABASE_URL"));

    let place = Place::new().variable("DATABASE_URL", "postgres://common/k");
    assert_eq!(place.config().database_url.unwrap().reveal(), "postgres://common/k");
}

#[test]
fn each_key_has_its_variable() {
    for about in keys::ALL {
        let (Fallback::Text(text) | Fallback::Unset { example: text }) = about.fallback else {
            continue;
        };
        let place = Place::new().variable(&variable_of(about.name), text);
        assert_eq!(setting(&place.config(), about.name).1, variable_of(about.name));
    }
}

#[test]
fn an_empty_variable_counts_as_absent() {
    let place = Place::new().variable("DATABASE_URL", "").variable("NOCTIS_LISTEN", "");
    assert_eq!(without_settings(place.config()), without_settings(Place::new().config()));
}

#[test]
fn the_file_here_beats_the_users_and_that_the_machines() {
    let ahead = |place: &Place| place.config().partitions.policy.ahead;
    let place = Place::new().file("etc/noctis.toml", "partitions.ahead = 11");
    assert_eq!(ahead(&place), 11);
    assert_eq!(setting(&place.config(), "partitions.ahead").1, place.path("etc/noctis.toml:1"));

    let folder = place.path("user");
    let place = place.variable("XDG_CONFIG_HOME", &folder);
    let place = place.file("user/noctis/noctis.toml", "partitions.ahead = 12");
    assert_eq!(ahead(&place), 12);

    let place = place.file("noctis.toml", "partitions.ahead = 13");
    assert_eq!(ahead(&place), 13);

    let place = place
        .file("variable.toml", "partitions.ahead = 14")
        .variable("NOCTIS_CONFIG", "variable.toml");
    assert_eq!(ahead(&place), 14);

    let place = place.file("flag.toml", "partitions.ahead = 15");
    let global = GlobalArgs { config: Some("flag.toml".into()), ..GlobalArgs::default() };
    assert_eq!(place.resolve(&global).unwrap().partitions.policy.ahead, 15);
}

#[test]
fn a_named_file_must_exist() {
    let global = GlobalArgs { config: Some("gone.toml".into()), ..GlobalArgs::default() };
    let refusal = Place::new().resolve(&global).unwrap_err().to_string();
    insta::assert_snapshot!(refusal, @"there is no configuration file gone.toml; `noctis --config gone.toml config init` writes one");
}

#[test]
fn a_path_is_relative_to_who_wrote_it() {
    let place = Place::new()
        .file("conf/noctis.toml", "data_dir = 'data'\npostgres_archive = '/a/pg.tar.gz'");
    let global = GlobalArgs { config: Some("conf/noctis.toml".into()), ..GlobalArgs::default() };
    let config = place.resolve(&global).unwrap();
    assert_eq!(config.data_dir.display().to_string(), place.path("conf/data"));
    assert_eq!(config.postgres_archive.as_deref(), Some(Path::new("/a/pg.tar.gz")));

    let global = GlobalArgs { data_dir: Some("data".into()), ..global };
    assert_eq!(place.resolve(&global).unwrap().data_dir.display().to_string(), place.path("data"));
}

#[test]
fn root_keeps_data_in_var_lib_and_nobody_without_a_home_is_left_guessing() {
    let mut place = Place::new().variable("XDG_DATA_HOME", "/data");
    assert_eq!(place.config().data_dir, Path::new("/data/noctis"));
    place.surroundings.is_root = true;
    assert_eq!(place.config().data_dir, Path::new("/var/lib/noctis"));

    place.surroundings.is_root = false;
    place.surroundings.variables.clear();
    insta::assert_snapshot!(place.refusal(), @"the configuration is wrong: data_dir: this user has no home folder; say where with --data-dir");
    assert!(place.resolve(&set(&["data_dir=/d"])).is_ok());
}

#[test]
fn unknown_keys_are_refused_with_the_nearest_known_one() {
    let place = Place::new()
        .file(
            "noctis.toml",
            "lisen = 'x'\nahead = 3\n[partition]\ninterval = 'week'\n[empty]\n[log]\nzzzz = 1\n",
        )
        .variable("NOCTIS_LISTENS", "127.0.0.1:1");
    insta::assert_snapshot!(place.refusal(), @r"
    the configuration is wrong:
    - noctis.toml:2: there is no key `ahead`; did you mean `partitions.ahead`?
    - noctis.toml:5: there is no table `empty`
    - noctis.toml:1: there is no key `lisen`; did you mean `listen`?
    - noctis.toml:7: there is no key `log.zzzz`; `noctis config init` writes a file with all keys
    - noctis.toml:4: there is no key `partition.interval`; did you mean `partitions.interval`?
    - NOCTIS_LISTENS: no key has this variable; did you mean `NOCTIS_LISTEN`?
    ");
    let refusal = place.resolve(&set(&["max_parkd=1", "nonsense"])).unwrap_err().to_string();
    let of_flags: Vec<&str> = refusal.lines().filter(|line| line.contains("--set")).collect();
    insta::assert_snapshot!(of_flags.join("\n"), @r"
    - --set: there is no key `max_parkd`; did you mean `import.max_parked`?
    - --set: write KEY=VALUE, such as `--set partitions.ahead=6`
    ");
}

#[test]
fn bad_values_are_named_all_at_once_with_what_they_must_be() {
    let text = "listen = 8080\nlog_level = 'inof'\npg_listen = '0.0.0.0:5432'\ndata_dir = '~/noctis'\n\
        [partitions]\ninterval = 'day'\nahead = 0\n[import]\nmin_free_disk = '10 parsecs'\nmax_parked = [1]\n\
        [http]\nstatement_timeout = '1h'\n";
    let place = Place::new().file("noctis.toml", text);
    insta::assert_snapshot!(place.refusal(), @r"
    the configuration is wrong:
    - noctis.toml:4: data_dir is `~/noctis`, but `~` is not read here; write the path in full
    - noctis.toml:10: `import.max_parked` must be one value, not a list
    - noctis.toml:1: listen is `8080`, but must be an address with a port, such as 127.0.0.1:8080 or [::1]:8080
    - noctis.toml:3: pg_listen is `0.0.0.0:5432`, but must be a loopback address with a port, such as 127.0.0.1:5433 or [::1]:5433
    - noctis.toml:2: log_level is `inof`, but must be one of off, error, warn, info, debug, trace, or for single modules `info,noctis_store=debug`
    - noctis.toml:6: partitions.interval is `day`, but must be one of month and week
    - noctis.toml:7: partitions.ahead is `0`, but must be a whole number from 1 to 24
    - noctis.toml:9: import.min_free_disk is `10 parsecs`, but must be a size such as 10GB or 512MiB: a whole number, then B, kB, MB, GB, TB, KiB, MiB, GiB or TiB
    - noctis.toml:12: http.statement_timeout is `1h`, but must be a duration from 100ms to 10m, such as 10s or 1m 30s
    ");
}

#[test]
fn a_broken_file_is_named_with_its_line_and_never_shows_a_password() {
    let place =
        Place::new().file("noctis.toml", "listen = 'x'\ndatabase_url = \"postgres://a:hunter2@db");
    let refusal = place.refusal();
    assert!(refusal.contains("noctis.toml:2"), "{refusal}");
    assert!(!refusal.contains("hunter2"), "{refusal}");

    let place = Place::new().file("noctis.toml", "database_url = \"mysql://a:hunter2@db\"");
    insta::assert_snapshot!(place.refusal(), @"the configuration is wrong: noctis.toml:1: database_url is `mysql://a:***@db`, but must be the address of a PostgreSQL server, such as postgres://noctis@localhost/noctis");
}

#[test]
fn a_secret_is_never_shown() {
    let place = Place::new().variable("DATABASE_URL", "postgres://noctis:hunter2@db/kills");
    let config = place.config();
    let shown = setting(&config, "database_url");
    assert_eq!(shown, (Some("postgres://noctis:***@db/kills"), "DATABASE_URL"));
    assert!(!format!("{config:?}").contains("hunter2"));
    assert_eq!(config.database_url.unwrap().reveal(), "postgres://noctis:hunter2@db/kills");
}

#[test]
fn the_archive_is_a_folder_beside_the_data_unless_somebody_says_where() {
    use noctis_archive::Place as Kept;
    let place = |config: &Config| config.archive.place(&config.data_dir);
    let here = Place::new();
    assert_eq!(
        place(&here.config()),
        Kept::Folder("/home/pilot/.local/share/noctis/archive".into())
    );
    let here = here.file("noctis.toml", "[archive]\ndir = 'old'\n");
    assert_eq!(place(&here.config()), Kept::Folder(here.path("old").into()));

    let here = here
        .variable("NOCTIS_ARCHIVE_DIR", "s3://killmails/noctis")
        .variable("NOCTIS_ARCHIVE_S3_ENDPOINT", "http://127.0.0.1:9000")
        .variable("NOCTIS_ARCHIVE_S3_SECRET_ACCESS_KEY", "hunter2");
    let config = here.config();
    assert!(!format!("{config:?}").contains("hunter2"));
    assert_eq!(setting(&config, "archive.s3_secret_access_key").0, Some("***"));
    let Kept::S3 { bucket, prefix, secret_access_key, allow_http, .. } = place(&config) else {
        panic!("{config:?}")
    };
    assert_eq!((bucket.as_str(), prefix.as_str(), allow_http), ("killmails", "noctis", true));
    assert_eq!(secret_access_key.as_deref(), Some("hunter2"));
}

#[test]
fn months_are_kept_as_the_file_says_and_a_drop_is_written_out() {
    let retention = |place: &Place| place.config().partitions.policy.retention;
    assert_eq!(retention(&Place::new()), Retention::default());
    let text = "[partitions]\nkeep_months = 24\nafter = 'drop'\nsettle = '36h'\ngrace = '2w'\nfloor = 6\ncap = 1\n";
    let given = retention(&Place::new().file("noctis.toml", text));
    assert_eq!((given.keep_months, given.floor, given.cap), (24, 6, 1));
    assert_eq!(given.after, noctis_core::partition::After::Drop);
    assert_eq!((given.settle.as_hours(), given.grace.as_hours()), (36, 14 * 24));
}

#[test]
fn a_service_link_of_kubernetes_is_no_key() {
    let place = Place::new()
        .variable("NOCTIS_PORT", "tcp://10.0.0.1:80")
        .variable("NOCTIS_PORT_80_TCP", "tcp://10.0.0.1:80")
        .variable("NOCTIS_SERVICE_HOST", "10.0.0.1");
    assert!(place.config().settings.iter().all(|setting| setting.origin == "default"));
}

#[test]
fn what_init_writes_holds_every_key_and_reads_back_as_the_defaults() {
    let place = Place::new();
    let text = template(&place.surroundings);
    for about in keys::ALL {
        let (_, key) = about.name.split_once('.').unwrap_or(("", about.name));
        assert!(text.contains(&format!("\n#{key} = ")), "{} is missing", about.name);
        assert!(
            text.contains(&variable_of(about.name)),
            "the variable of {} is missing",
            about.name
        );
    }
    let defaults = without_settings(place.config());
    let place = place.file("noctis.toml", &text);
    assert_eq!(without_settings(place.config()), defaults);

    let place = place.file("noctis.toml", &chosen(&text));
    let config = place.config();
    let given = |about: &&&About| setting(&config, about.name).1.starts_with("noctis.toml:");
    let has_default = |about: &&&About| !matches!(about.fallback, Fallback::Unset { .. });
    assert_eq!(
        keys::ALL.iter().filter(given).count(),
        keys::ALL.iter().filter(has_default).count()
    );
    assert_eq!(without_settings(config), defaults);
}

/// The template with each default uncommented, but not the examples.
fn chosen(template: &str) -> String {
    let mut is_example = false;
    let mut lines = Vec::new();
    for line in template.lines() {
        let is_assignment = line.starts_with('#') && !line.starts_with("# ");
        lines.push(if is_assignment && !is_example { &line[1..] } else { line });
        is_example = line.starts_with("# Not set");
    }
    lines.join("\n")
}

#[test]
fn names_of_keys_are_distinct_and_these_are_secret() {
    let mut variables: Vec<String> =
        keys::ALL.iter().map(|about| variable_of(about.name)).collect();
    variables.sort();
    variables.dedup();
    assert_eq!(variables.len(), keys::ALL.len());
    let secret: Vec<&str> = keys::ALL
        .iter()
        .filter(|about| matches!(about.kind, Kind::Secret | Kind::Hidden))
        .map(|about| about.name)
        .collect();
    assert_eq!(secret, ["database_url", "archive.s3_secret_access_key"]);
}
