//! The embedded static data, read; and how damaged data is refused.

use super::*;

#[test]
fn the_embedded_data_holds_all_of_eve() {
    let catalogue = Catalogue::parse(&noctis_sde::text()).unwrap();
    assert_eq!(
        (catalogue.build.as_str(), catalogue.date.as_str()),
        (noctis_sde::BUILD, noctis_sde::DATE)
    );
    assert_eq!(catalogue.types.len(), 53_289);
    assert_eq!(catalogue.groups.len(), 1_611);
    assert_eq!(catalogue.categories.len(), 48);
    assert_eq!(catalogue.meta_groups.len(), 13);
    assert_eq!(catalogue.market_groups.len(), 2_114);
    assert_eq!(catalogue.systems.len(), 8_436);
    assert_eq!(catalogue.constellations.len(), 1_174);
    assert_eq!(catalogue.regions.len(), 112);
    assert!(catalogue.types.iter().is_sorted_by_key(|row| row.type_id));
}

#[test]
fn a_type_keeps_what_rules_ask_of_it() {
    let catalogue = Catalogue::parse(&noctis_sde::text()).unwrap();
    let howitzer = catalogue.types.get(2961).unwrap();
    assert_eq!(&*howitzer.name, "1400mm Howitzer Artillery II");
    assert_eq!((howitzer.group_id, howitzer.category_id, howitzer.published), (55, 7, true));
    assert_eq!((howitzer.market_group_id, howitzer.meta_group_id), (Some(579), Some(2)));
    assert_eq!((howitzer.parent_type_id, howitzer.tech_level), (Some(498), Some(2)));
    assert_eq!((howitzer.slot, howitzer.hardpoint), (Some(Slot::High), Some(Hardpoint::Turret)));
    assert_eq!(catalogue.group_of(670).map(|group| &*group.name), Some("Capsule"));
    assert_eq!(catalogue.group_of(i64::MAX), None);
}

#[test]
fn a_system_knows_its_constellation_and_region() {
    let catalogue = Catalogue::parse(&noctis_sde::text()).unwrap();
    let jita = catalogue.systems.get(30_000_142).unwrap();
    assert_eq!(&*jita.name, "Jita");
    assert_eq!(catalogue.constellations.name(jita.constellation_id), Some("Kimotoro"));
    assert_eq!(catalogue.regions.name(jita.region_id), Some("The Forge"));
    assert!((jita.security - 0.945_913).abs() < 1e-6, "{}", jita.security);
}

#[test]
fn a_name_is_found_in_any_case_and_gives_all_that_bear_it() {
    let catalogue = Catalogue::parse(&noctis_sde::text()).unwrap();
    let ids =
        |name| catalogue.systems.named(name).map(|system| system.system_id).collect::<Vec<_>>();
    assert_eq!(ids("jITA"), [30_000_142]);
    assert_eq!(ids("Jit"), [0; 0]);
    assert_eq!(catalogue.types.named("rifter").next().map(|hull| hull.type_id), Some(587));
    assert_eq!(
        catalogue.regions.named("the forge").next().map(|region| region.region_id),
        Some(10_000_002)
    );

    let mut ambiguous = 0;
    for system in &catalogue.systems {
        let same = ids(&system.name);
        assert!(same.contains(&system.system_id), "{} is not found", system.name);
        assert!(same.is_sorted());
        ambiguous += usize::from(same.len() > 1);
    }
    println!("{ambiguous} systems share their name");
}

#[test]
fn damaged_data_is_refused_by_section_and_row() {
    let text = noctis_sde::text();
    assert_eq!(Catalogue::parse("").unwrap_err(), ParseError::Section("@build"));
    let cut = &text[..text.find("@systems").unwrap()];
    assert_eq!(Catalogue::parse(cut).unwrap_err(), ParseError::Section("@systems"));
    let foreign_group = text.replacen("\n587\t25\t", "\n587\t999999\t", 1);
    let error = Catalogue::parse(&foreign_group).unwrap_err();
    assert!(
        matches!(&error, ParseError::Row { section: "@types", row } if row.starts_with("587\t")),
        "{error}"
    );
    let too_long = text.replacen("\tRifter\n", "\tRifter\tmore\n", 1);
    assert!(matches!(Catalogue::parse(&too_long), Err(ParseError::Row { .. })));
    let repeated = text.replacen("\n30000142\t", "\n30000141\t", 1);
    assert_eq!(Catalogue::parse(&repeated).unwrap_err(), ParseError::Repeated("@systems"));
}

#[test]
fn what_is_written_is_read_back_the_same() {
    let embedded = noctis_sde::text();
    let mut catalogue = Catalogue::parse(&embedded).unwrap();
    assert_eq!(Catalogue::parse(&catalogue.to_text()).unwrap(), catalogue);

    let with_classes: Vec<System> = catalogue
        .systems
        .iter()
        .cloned()
        .zip((1..=18).cycle())
        .map(|(system, class)| System { wormhole_class: Some(class), ..system })
        .collect();
    catalogue.systems = Table::new(with_classes).unwrap();
    catalogue.date = String::new();
    assert!(catalogue.factions.is_empty() && catalogue.npc_corporations.is_empty());
    let faction = Faction { faction_id: 500_001, name: "Caldari State".into() };
    catalogue.factions = Table::new(vec![faction]).unwrap();
    let navy = NpcCorporation { corporation_id: 1_000_035, name: "Caldari Navy".into() };
    catalogue.npc_corporations = Table::new(vec![navy]).unwrap();
    let text = catalogue.to_text();
    let read = Catalogue::parse(&text).unwrap();
    assert_eq!(read, catalogue);
    assert_eq!(read.to_text(), text);
    assert_eq!(Catalogue::parse(&Catalogue::default().to_text()).unwrap(), Catalogue::default());
}

#[test]
fn a_name_with_a_line_break_does_not_break_its_row() {
    let region = Region { region_id: 1, name: "A\tB\n@types\r".into() };
    let catalogue =
        Catalogue { regions: Table::new(vec![region]).unwrap(), ..Catalogue::default() };
    let read = Catalogue::parse(&catalogue.to_text()).unwrap();
    assert_eq!(read.regions.name(1), Some("A B @types "));
}

#[test]
fn a_wormhole_class_is_an_optional_last_column() {
    let text = noctis_sde::text();
    let class = |text: &str| {
        Catalogue::parse(text).map(|read| read.systems.get(30_000_142).unwrap().wormhole_class)
    };
    let jita = |cell: &str| text.replacen("\tJita\t\n", &format!("\tJita{cell}\n"), 1);
    assert_eq!(class(&text), Ok(None));
    assert_ne!(jita(""), text);
    assert_eq!(class(&jita("")), Ok(None));
    assert_eq!(class(&jita("\t7")), Ok(Some(7)));
    assert!(class(&jita("\tx")).is_err() && class(&jita("\t7\t")).is_err());
}
