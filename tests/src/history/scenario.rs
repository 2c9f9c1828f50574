//! The histories that there are names for, and the acts that may come at any moment of them.

use super::act::{Act, Base, Whose};
use super::{History, Start, Timed, When};
use Act::{
    Allow, Delete, Destroy, Port, Prepare, Reboot, Regroup, Rename, Restore, Share, Snapshot,
    SwitchOver, Tag, Untag,
};
use Whose::{Client, Database, Via, Vpc};

/// How a world to begin with is brought about, and with how many databases; `None` for one in
/// which nothing is tagged.
pub(super) fn opening(start: Start) -> Option<(usize, History)> {
    let tags = |databases: &[usize]| {
        let exposed = databases.iter().map(|it| Tag(Database(*it), "databases"));
        let rest = [Tag(Vpc, "databases"), Tag(Client(0), "databases")];
        history(Start::Fresh, &exposed.chain(rest).map(|act| (1, act)).collect::<Vec<_>>())
    };
    match start {
        Start::Fresh => None,
        Start::Connected => Some((2, tags(&[0]))),
        Start::Many => Some((7, tags(&[0, 2, 3, 4, 5, 6]))),
    }
}

/// A history of acts, each so many seconds after the one before.
fn history(start: Start, acts: &[(i64, Act)]) -> History {
    let acts =
        acts.iter().map(|(after, act)| Timed { when: When::After(*after), act: act.clone() });
    History { start, acts: acts.collect(), mishaps: Vec::new(), jumble: None, rest: 1 }
}

/// Every scenario, by name.
pub fn scenarios() -> Vec<(&'static str, History)> {
    let fresh = |acts: &[(i64, Act)]| history(Start::Fresh, acts);
    let connected = |acts: &[(i64, Act)]| history(Start::Connected, acts);
    let many = |acts: &[(i64, Act)]| history(Start::Many, acts);
    let all = |act: fn(usize) -> Act| -> Vec<(i64, Act)> {
        [0, 2, 3, 4, 5].into_iter().map(|it| (1, act(it))).collect()
    };
    // The second time after what would have been the deadline of the first.
    let twice = |whose: Whose| {
        connected(&[(1, Untag(whose)), (100, Tag(whose, "databases")), (200, Untag(whose))])
    };
    vec![
        ("expose", fresh(&[(1, Tag(Database(0), "databases"))])),
        (
            "connect",
            fresh(&[
                (1, Tag(Client(0), "databases")),
                (1, Tag(Vpc, "databases")),
                (1, Tag(Database(0), "databases")),
            ]),
        ),
        ("expose on both", connected(&[(1, Tag(Database(0), "databases+reports"))])),
        ("expose another", connected(&[(1, Tag(Database(1), "databases"))])),
        ("withdraw", connected(&[(1, Tag(Database(0), "off"))])),
        ("withdraw and again", {
            connected(&[(1, Tag(Database(0), "off")), (20, Tag(Database(0), "databases"))])
        }),
        ("disconnect", connected(&[(1, Tag(Vpc, "off"))])),
        ("lapse", connected(&[(1, Untag(Database(0)))])),
        ("lapse and return", {
            connected(&[(1, Untag(Database(0))), (100, Tag(Database(0), "databases"))])
        }),
        ("lapse twice", twice(Database(0))),
        ("VPC lapses", connected(&[(1, Untag(Vpc))])),
        ("VPC lapses and returns", connected(&[(1, Untag(Vpc)), (100, Tag(Vpc, "databases"))])),
        ("VPC lapses twice", twice(Vpc)),
        ("client lapses", connected(&[(1, Untag(Client(0)))])),
        ("client lapses and returns", {
            connected(&[(1, Untag(Client(0))), (100, Tag(Client(0), "databases"))])
        }),
        ("client lapses twice", twice(Client(0))),
        ("client off", connected(&[(1, Tag(Client(0), "off"))])),
        ("another client", connected(&[(1, Tag(Client(1), "databases"))])),
        ("clients take turns", {
            connected(&[(1, Tag(Client(1), "databases")), (60, Untag(Client(0)))])
        }),
        ("expose misspelt", connected(&[(1, Tag(Database(0), "databses"))])),
        ("expose nonsense", connected(&[(1, Tag(Database(0), "a--b"))])),
        ("consume misspelt", connected(&[(1, Tag(Vpc, "databses"))])),
        ("client misspelt", connected(&[(1, Tag(Client(0), "Databases"))])),
        ("expose elsewhere", connected(&[(1, Tag(Database(0), "reports"))])),
        ("expose elsewhere and back", {
            connected(&[(1, Tag(Database(0), "reports")), (60, Tag(Database(0), "databases"))])
        }),
        ("network", {
            connected(&[
                (1, Tag(Database(0), "reports")),
                (1, Tag(Vpc, "reports")),
                (1, Tag(Client(0), "reports")),
            ])
        }),
        ("via", connected(&[(1, Tag(Via, "association"))])),
        ("port", connected(&[(1, Port(0, "5433"))])),
        ("group", connected(&[(1, Regroup(0))])),
        ("reboot", connected(&[(1, Reboot(0))])),
        ("rename", connected(&[(1, Rename(0, "purchases"))])),
        ("rename and replace", {
            connected(&[(1, Rename(0, "orders-old")), (10, Rename(1, "orders"))])
        }),
        ("restore", connected(&[(1, Snapshot(0)), (20, Restore(0))])),
        ("switchover", connected(&[(1, Prepare(0)), (30, SwitchOver(0))])),
        ("delete", connected(&[(1, Delete(0))])),
        // Clients are there: nothing is taken from them.
        ("somebody deletes the subnet", connected(&[(1, Destroy(Base::Subnet))])),
        ("somebody deletes the VPC", {
            connected(&[(1, Destroy(Base::Vpc)), (30, Destroy(Base::Subnet))])
        }),
        ("somebody deletes the clients' groups", {
            connected(&[
                (1, Tag(Client(1), "databases")),
                (60, Destroy(Base::Client(0))),
                (5, Destroy(Base::Client(1))),
                (60, Untag(Client(1))),
            ])
        }),
        ("group, heard of", connected(&[(1, Destroy(Base::Subnet)), (60, Regroup(0))])),
        ("no longer allowed", connected(&[(1, Allow(&["reports"]))])),
        ("allowed again", {
            connected(&[(1, Allow(&["reports"])), (60, Allow(&["databases", "reports"]))])
        }),
        ("a stranger shares", connected(&[(1, Share("databases", "999988887777"))])),
        ("a stranger shared first", {
            fresh(&[
                (1, Share("databases", "999988887777")),
                (1, Tag(Client(0), "databases")),
                (1, Tag(Vpc, "databases")),
                (1, Tag(Database(0), "databases")),
            ])
        }),
        ("many misspelt", many(&all(|it| Tag(Database(it), "databses")))),
        ("many lapse", many(&all(|it| Untag(Database(it))))),
        ("many no longer allowed", many(&[(1, Allow(&["reports"]))])),
        ("many off", many(&all(|it| Tag(Database(it), "off")))),
    ]
}

/// The acts that any scenario has to bear at any moment.
pub fn acts() -> Vec<Act> {
    vec![
        Tag(Database(0), "off"),
        Tag(Database(0), "databases"),
        Tag(Database(0), "databses"),
        Tag(Database(0), "databases+reports"),
        Tag(Database(0), "reports"),
        Tag(Database(1), "databases"),
        Untag(Database(0)),
        Tag(Vpc, "off"),
        Tag(Vpc, "databases"),
        Tag(Vpc, "databses"),
        Untag(Vpc),
        Tag(Client(0), "databases"),
        Tag(Client(0), "Databases"),
        Untag(Client(0)),
        Tag(Client(1), "databases"),
        Tag(Via, "association"),
        Rename(0, "purchases"),
        Port(0, "5433"),
        Regroup(0),
        Reboot(0),
        Delete(0),
        Destroy(Base::Subnet),
        Destroy(Base::Vpc),
        Destroy(Base::Client(0)),
        Allow(&["reports"]),
        Share("databases", "999988887777"),
    ]
}
