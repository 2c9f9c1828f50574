//! The inputs of RDS's operations, by its API model (2014-10-31), as far as they are imitated.
//!
//! The model says little of what values a member takes; that is as the API reference has it.

use crate::kernel::shape::{Form, Member, Pattern, Shapes, may, need};

use super::input::{is_allowed_tag_text, is_identifier};

const fn like(fits: fn(&str) -> bool, such_as: &'static str) -> Form {
    Form::Like(Pattern { fits, such_as, code: None })
}

/// The name of something new.
const NEW: Form = like(is_identifier, "orders");
/// The name, or the ARN, of something that is there.
const NAME: Form = like(|text| is_identifier(text) || is_arn(text), "orders");
const ARN: Form = like(is_arn, "arn:aws:rds:us-east-1:111122223333:db:orders");
const SOURCE: Form = like(
    |text| is_identifier(text) || is_arn(text),
    "arn:aws:rds:us-east-1:111122223333:db:orders",
);
const GROUP_NAME: Form = like(
    |text| {
        (1..=255).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_. ".contains(&b))
    },
    "orders",
);
const CLASS: Form = like(|text| text.starts_with("db."), "db.t4g.micro");
const TEXT: Form = Form::Text(1, 2048);
/// Clients write an empty text where they have none to give.
const OPTIONAL: Form = Form::Text(0, 2048);
const PORT: Form = Form::NumberText(1150, 65535);
const STORAGE: Form = Form::NumberText(1, 65536);
const GROUPS: Member = may(
    "VpcSecurityGroupIds",
    Form::Named("VpcSecurityGroupId", &like(|id| id.starts_with("sg-"), "sg-0a1b2c3d"), 0, 100),
);
const TAG: Form = Form::Structure(&[
    need(
        "Key",
        like(
            |key| {
                (1..=128).contains(&key.chars().count())
                    && !key.starts_with("aws:")
                    && !key.starts_with("rds:")
                    && is_allowed_tag_text(key)
            },
            "stage",
        ),
    ),
    may("Value", like(|it| it.chars().count() <= 256 && is_allowed_tag_text(it), "test")),
]);
const TAG_LIST: Form = Form::Named("Tag", &TAG, 0, 50);
const TAGS: Member = may("Tags", TAG_LIST);
const MAX_RECORDS: Member = may("MaxRecords", Form::NumberText(20, 100));
const MARKER: Member = may("Marker", Form::PageToken);

/// The API has the member, and knows no filter.
const NO_FILTERS: Member = may("Filters", Form::Named("Filter", &TEXT, 0, 0));

/// Filters by these names, each with its values.
macro_rules! filters {
    ($($name:literal),*) => {
        may("Filters", Form::Named("Filter", &Form::Structure(&[
            need("Name", Form::OneOf(&[$($name),*])),
            need("Values", Form::Named("Value", &TEXT, 1, 200)),
        ]), 0, 100))
    };
}

/// Every operation's input, by the operation's name.
#[rustfmt::skip]
pub(crate) const SHAPES: &[Shapes] = &[&[
    ("CreateDBSubnetGroup", &[
        need("DBSubnetGroupName", GROUP_NAME),
        need("DBSubnetGroupDescription", TEXT),
        need("SubnetIds", Form::Named("SubnetIdentifier", &TEXT, 1, 20)),
        TAGS,
    ]),
    ("DescribeDBSubnetGroups", &[
        may("DBSubnetGroupName", GROUP_NAME), NO_FILTERS, MAX_RECORDS, MARKER,
    ]),
    ("ModifyDBSubnetGroup", &[
        need("DBSubnetGroupName", GROUP_NAME),
        may("DBSubnetGroupDescription", TEXT),
        need("SubnetIds", Form::Named("SubnetIdentifier", &TEXT, 1, 20)),
    ]),
    ("DeleteDBSubnetGroup", &[need("DBSubnetGroupName", GROUP_NAME)]),
    ("CreateDBInstance", &[
        need("DBInstanceIdentifier", NEW),
        need("DBInstanceClass", CLASS),
        need("Engine", TEXT),
        may("EngineVersion", OPTIONAL),
        may("AllocatedStorage", STORAGE),
        may("MasterUsername", OPTIONAL),
        may("MasterUserPassword", OPTIONAL),
        may("ManageMasterUserPassword", Form::FlagText),
        may("DBName", OPTIONAL),
        may("DBSubnetGroupName", GROUP_NAME),
        may("DBClusterIdentifier", NAME),
        GROUPS,
        may("AvailabilityZone", OPTIONAL),
        may("MultiAZ", Form::FlagText),
        may("Port", PORT),
        may("PubliclyAccessible", Form::FlagText),
        TAGS,
        may("DeletionProtection", Form::FlagText),
        may("CopyTagsToSnapshot", Form::FlagText),
        may("StorageEncrypted", Form::FlagText),
        may("StorageType", OPTIONAL),
        may("BackupRetentionPeriod", Form::NumberText(0, 35)),
        may("AutoMinorVersionUpgrade", Form::FlagText),
        may("EnableIAMDatabaseAuthentication", Form::FlagText),
    ]),
    ("DescribeDBInstances", &[
        may("DBInstanceIdentifier", NAME),
        filters!("db-cluster-id", "db-instance-id", "dbi-resource-id", "domain", "engine"),
        MAX_RECORDS,
        MARKER,
    ]),
    ("DeleteDBInstance", &[
        need("DBInstanceIdentifier", NAME),
        may("SkipFinalSnapshot", Form::FlagText),
        may("FinalDBSnapshotIdentifier", NEW),
        may("DeleteAutomatedBackups", Form::FlagText),
    ]),
    ("ModifyDBInstance", &[
        need("DBInstanceIdentifier", NAME),
        may("NewDBInstanceIdentifier", NEW),
        may("DBPortNumber", PORT),
        GROUPS,
        may("PubliclyAccessible", Form::FlagText),
        may("DBSubnetGroupName", GROUP_NAME),
        may("MultiAZ", Form::FlagText),
        may("DBInstanceClass", CLASS),
        may("EngineVersion", OPTIONAL),
        may("AllocatedStorage", STORAGE),
        may("DeletionProtection", Form::FlagText),
        may("CopyTagsToSnapshot", Form::FlagText),
        may("MasterUserPassword", OPTIONAL),
        may("BackupRetentionPeriod", Form::NumberText(0, 35)),
        may("AutoMinorVersionUpgrade", Form::FlagText),
        may("ApplyImmediately", Form::FlagText),
    ]),
    ("RebootDBInstance", &[
        need("DBInstanceIdentifier", NAME), may("ForceFailover", Form::FlagText),
    ]),
    ("StopDBInstance", &[need("DBInstanceIdentifier", NAME)]),
    ("StartDBInstance", &[need("DBInstanceIdentifier", NAME)]),
    ("CreateDBSnapshot", &[
        need("DBSnapshotIdentifier", NEW), need("DBInstanceIdentifier", NAME), TAGS,
    ]),
    ("DescribeDBSnapshots", &[
        may("DBSnapshotIdentifier", NAME),
        may("DBInstanceIdentifier", NAME),
        filters!("db-instance-id", "db-snapshot-id", "dbi-resource-id", "engine", "snapshot-type"),
        MAX_RECORDS,
        MARKER,
    ]),
    ("RestoreDBInstanceFromDBSnapshot", &[
        need("DBInstanceIdentifier", NEW),
        // Not required by the model, which knows snapshots of clusters too.
        need("DBSnapshotIdentifier", NAME),
        may("DBInstanceClass", CLASS),
        may("DBSubnetGroupName", GROUP_NAME),
        GROUPS,
        may("AvailabilityZone", OPTIONAL),
        may("MultiAZ", Form::FlagText),
        may("Port", PORT),
        may("PubliclyAccessible", Form::FlagText),
        TAGS,
        may("DeletionProtection", Form::FlagText),
        may("CopyTagsToSnapshot", Form::FlagText),
    ]),
    ("CreateBlueGreenDeployment", &[
        need("BlueGreenDeploymentName", like(|it| is_identifier(it) && it.len() <= 60, "orders")),
        need("Source", SOURCE),
        may("TargetEngineVersion", like(is_version, "17.5")),
        may("TargetDBInstanceClass", CLASS),
        TAGS,
    ]),
    ("DescribeBlueGreenDeployments", &[
        may("BlueGreenDeploymentIdentifier", NAME),
        filters!("blue-green-deployment-identifier", "blue-green-deployment-name", "source"),
        MAX_RECORDS,
        MARKER,
    ]),
    ("SwitchoverBlueGreenDeployment", &[
        need("BlueGreenDeploymentIdentifier", NAME),
        may("SwitchoverTimeout", Form::NumberText(30, 3600)),
    ]),
    ("DeleteBlueGreenDeployment", &[
        need("BlueGreenDeploymentIdentifier", NAME), may("DeleteTarget", Form::FlagText),
    ]),
    ("CreateDBCluster", &[
        need("DBClusterIdentifier", NEW),
        need("Engine", TEXT),
        may("EngineVersion", OPTIONAL),
        may("MasterUsername", OPTIONAL),
        may("MasterUserPassword", OPTIONAL),
        may("ManageMasterUserPassword", Form::FlagText),
        may("DatabaseName", OPTIONAL),
        may("DBSubnetGroupName", GROUP_NAME),
        GROUPS,
        may("Port", PORT),
        may("PubliclyAccessible", Form::FlagText),
        may("DeletionProtection", Form::FlagText),
        may("StorageEncrypted", Form::FlagText),
        TAGS,
    ]),
    ("DescribeDBClusters", &[
        may("DBClusterIdentifier", NAME),
        filters!("clone-group-id", "db-cluster-id", "db-cluster-resource-id", "domain", "engine"),
        MAX_RECORDS,
        MARKER,
        may("IncludeShared", Form::FlagText),
    ]),
    ("DeleteDBCluster", &[
        need("DBClusterIdentifier", NAME), may("SkipFinalSnapshot", Form::FlagText),
    ]),
    ("AddTagsToResource", &[need("ResourceName", ARN), need("Tags", TAG_LIST)]),
    ("RemoveTagsFromResource", &[
        need("ResourceName", ARN), need("TagKeys", Form::Named("member", &TEXT, 1, 50)),
    ]),
    ("ListTagsForResource", &[need("ResourceName", ARN), NO_FILTERS]),
]];

fn is_version(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

fn is_arn(text: &str) -> bool {
    text.starts_with("arn:") && text.split(':').count() >= 6 && !text.contains(char::is_whitespace)
}
