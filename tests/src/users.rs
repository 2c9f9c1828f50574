//! What people do to their databases and VPCs.

use serde_json::{Value, json};
use sim::{Call, Service, Sim};

/// A person with the simulated AWS before them.
pub struct User<'a>(pub &'a Sim);

impl User<'_> {
    /// A call that must be answered.
    ///
    /// # Panics
    ///
    /// If AWS refuses it: the test asked for something that cannot be.
    pub fn call(&self, service: Service, action: &str, members: Value) -> Value {
        let action = action.to_owned();
        let call = Call { caller: "person".to_owned(), service, action, members };
        self.0.world(|world| world.answer_person(&call)).unwrap_or_else(|fault| {
            panic!("{} {}: {fault:?}", call.action, call.members);
        })
    }

    /// Tags a database.
    pub fn tag_database(&self, arn: &str, key: &str, value: &str) {
        let tags = json!({"Tag": [{"Key": key, "Value": value}]});
        let members = json!({"ResourceName": arn, "Tags": tags});
        self.call(Service::Rds, "AddTagsToResource", members);
    }

    /// Takes a tag off a database.
    pub fn untag_database(&self, arn: &str, key: &str) {
        let members = json!({"ResourceName": arn, "TagKeys": {"member": [key]}});
        self.call(Service::Rds, "RemoveTagsFromResource", members);
    }

    /// Tags something of EC2's.
    pub fn tag(&self, id: &str, key: &str, value: &str) {
        let members = json!({"ResourceId": [id], "Tag": [{"Key": key, "Value": value}]});
        self.call(Service::Ec2, "CreateTags", members);
    }

    /// Takes a tag off something of EC2's.
    pub fn untag(&self, id: &str, key: &str) {
        let members = json!({"ResourceId": [id], "Tag": [{"Key": key}]});
        self.call(Service::Ec2, "DeleteTags", members);
    }

    /// Changes a database, at once.
    pub fn modify_database(&self, identifier: &str, changes: Value) {
        let mut members = json!({"DBInstanceIdentifier": identifier, "ApplyImmediately": "true"});
        let into = members.as_object_mut().expect("it is one");
        into.extend(changes.as_object().expect("changes are members").clone());
        self.call(Service::Rds, "ModifyDBInstance", members);
    }

    /// The value of a tag of a database, if the database and the tag are there.
    pub fn database_tag(&self, identifier: &str, key: &str) -> Option<String> {
        let all = self.call(Service::Rds, "DescribeDBInstances", json!({}));
        let instances = all["DBInstances"]["DBInstance"].as_array()?.clone();
        let found = instances.into_iter().find(|one| one["DBInstanceIdentifier"] == identifier)?;
        let tags = found["TagList"]["Tag"].as_array()?.clone();
        let tag = tags.into_iter().find(|tag| tag["Key"] == key)?;
        tag["Value"].as_str().map(str::to_owned)
    }

    /// The value of a tag of something of EC2's.
    pub fn tag_of(&self, id: &str, key: &str) -> Option<String> {
        let filters =
            json!([{"Name": "resource-id", "Value": [id]}, {"Name": "key", "Value": [key]}]);
        let found = self.call(Service::Ec2, "DescribeTags", json!({"Filter": filters}));
        found["tagSet"]["item"][0]["value"].as_str().map(str::to_owned)
    }
}
