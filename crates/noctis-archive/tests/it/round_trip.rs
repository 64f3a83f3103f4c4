//! What goes in comes out, byte for byte.

use noctis_archive::digest::ContentsDigest;
use noctis_core::archive::Proof;
use noctis_core::partition::Member;

use crate::rows::{folder, head, june, kills, read, write};

#[tokio::test]
async fn what_is_written_comes_back_byte_for_byte() {
    let folder = folder();
    let kills = kills(1_000);
    let manifest = write(&folder.archive, head(june(), 0), &kills, 10_000).await.unwrap();
    assert_eq!(manifest.kills(), 1_000);
    assert_eq!(folder.archive.manifests().await.unwrap(), [manifest.clone()]);
    let verified = folder.archive.verify(&manifest).await.unwrap();
    assert_eq!(*verified.manifest(), manifest);
    folder.archive.check_files(&manifest).await.unwrap();
    for member in Member::ALL {
        let stream = kills.stream(member);
        assert!(read(&folder.archive, &manifest, member).await.unwrap() == stream, "{member:?}");
        let mut digest = ContentsDigest::new(member);
        digest.push(&stream).unwrap();
        assert_eq!(digest.finish().unwrap(), manifest.file(member).unwrap().contents);
    }
}
