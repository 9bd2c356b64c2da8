//! The store in real files.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use bytes::Bytes;
use tokio::task::yield_now;

use crate::{
    model::Timestamp,
    outbox::{
        file_store::FileStore,
        open_error::OpenError,
        store::{Appended, Ended, NewRecord, Sequence, StoredRecord, Totals, UsageStore as _},
    },
};

/// A folder for one test, which is removed afterwards.
struct TestFolder(PathBuf);

impl TestFolder {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("flowglad-outbox-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        Self(folder)
    }

    fn file(&self) -> PathBuf {
        self.0.join("usage.redb")
    }
}

impl Drop for TestFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn record(text: impl Into<Bytes>) -> NewRecord {
    NewRecord { key: None, recorded_at: Timestamp::from_millis(7), bytes: text.into() }
}

fn open(folder: &Path) -> FileStore {
    FileStore::open(folder).unwrap()
}

#[tokio::test]
async fn what_was_appended_is_there_after_a_restart() {
    let folder = TestFolder::new();
    let store = open(&folder.0);
    let appended = store.append(vec![record("a"), record("b")]).await.unwrap();
    assert_eq!(appended, [Appended::New(1), Appended::New(2)]);
    store.end(Ended { delivered: vec![1], dead: Vec::new() }).await.unwrap();
    drop(store);

    let store = open(&folder.0);
    let recorded_at = Timestamp::from_millis(7);
    let pending = store.pending(0, 10).await.unwrap();
    assert_eq!(pending, [StoredRecord { sequence: 2, recorded_at, bytes: Bytes::from_static(b"b") }]);
    assert_eq!(store.append(vec![record("c")]).await.unwrap(), [Appended::New(3)]);
    assert_eq!(store.totals().await.unwrap(), Totals { pending: 2, pending_bytes: 2, dead: 0 });
}

#[tokio::test]
async fn a_key_is_known_until_it_is_forgotten() {
    let folder = TestFolder::new();
    let store = open(&folder.0);
    let keyed = NewRecord { key: Some((*b"key").into()), ..record("a") };
    assert_eq!(store.append(vec![keyed.clone(), keyed.clone()]).await.unwrap(), [Appended::New(1), Appended::Before]);
    store.end(Ended { delivered: vec![1], dead: Vec::new() }).await.unwrap();
    drop(store);

    let store = open(&folder.0);
    store.forget_keys(Timestamp::from_millis(7)).await.unwrap();
    assert!(store.has_key(b"key").await.unwrap());
    assert_eq!(store.append(vec![keyed.clone()]).await.unwrap(), [Appended::Before]);
    store.forget_keys(Timestamp::from_millis(8)).await.unwrap();
    assert!(!store.has_key(b"key").await.unwrap());
    assert_eq!(store.append(vec![keyed]).await.unwrap(), [Appended::New(2)]);
}

#[tokio::test]
async fn dead_letters_keep_their_reason_until_they_are_discarded() {
    let folder = TestFolder::new();
    let store = open(&folder.0);
    store.append(vec![record("a")]).await.unwrap();
    store.end(Ended { delivered: Vec::new(), dead: vec![(1, Bytes::from_static(b"refused"))] }).await.unwrap();
    drop(store);

    let store = open(&folder.0);
    let dead = store.dead(0, 10).await.unwrap();
    assert_eq!((&dead[0].record.bytes[..], &dead[0].reason[..]), (&b"a"[..], &b"refused"[..]));
    assert_eq!(store.discard(vec![1, 2]).await.unwrap(), 1);
    assert_eq!(store.totals().await.unwrap(), Totals::default());
}

#[test]
fn a_folder_in_use_is_refused_with_the_remedy() {
    let folder = TestFolder::new();
    let first = open(&folder.0);
    let error = FileStore::open(&folder.0).unwrap_err();
    assert!(matches!(error, OpenError::InUse { .. }));
    let text = error.to_string();
    assert!(text.contains(&folder.0.display().to_string()) && text.contains("a folder of its own"), "{text}");
    drop(first);
    open(&folder.0);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = TestFolder::new();
    fs::write(&folder.0, "a file").unwrap();
    let error = FileStore::open(&folder.0.join("outbox")).unwrap_err();
    assert!(matches!(error, OpenError::Folder { .. }));
    assert!(error.to_string().contains("outbox"), "{error}");
    fs::remove_file(&folder.0).unwrap();
}

#[test]
fn a_damaged_file_is_refused_and_kept() {
    let folder = TestFolder::new();
    drop(open(&folder.0));
    let good = fs::read(folder.file()).unwrap();
    let damaged = [vec![7; good.len()], good[..good.len() / 2].to_vec(), {
        let mut file = good.clone();
        file[4096..].fill(0x5a);
        file
    }];
    for damaged in damaged {
        fs::write(folder.file(), &damaged).unwrap();
        let error = FileStore::open(&folder.0).unwrap_err();
        assert!(matches!(error, OpenError::Unreadable { .. }));
        assert!(error.to_string().contains("keep its files"), "{error}");
    }
    fs::write(folder.file(), good).unwrap();
    open(&folder.0);
}

#[cfg(unix)]
#[test]
fn folder_and_files_are_for_the_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = TestFolder::new();
    let _store = open(&folder.0);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder.0), mode(&folder.file())), (0o700, 0o600));
}

#[tokio::test]
async fn the_file_shrinks_when_a_backlog_is_delivered() {
    let folder = TestFolder::new();
    let store = open(&folder.0);
    let text = Bytes::from(vec![b'x'; 20_000]);
    let records: Vec<NewRecord> = (0..1000).map(|_| record(text.clone())).collect();
    store.append(records).await.unwrap();
    let size = || fs::metadata(folder.file()).unwrap().len();
    let full = size();
    assert!(full > 16 * 1024 * 1024, "{full}");

    let all: Vec<Sequence> = (1..=1000).collect();
    store.end(Ended { delivered: all, dead: Vec::new() }).await.unwrap();
    // Space is given back after `end` is answered.
    while size() > 1024 * 1024 {
        yield_now().await;
    }
    assert_eq!(store.append(vec![record("next")]).await.unwrap(), [Appended::New(1001)]);
}
