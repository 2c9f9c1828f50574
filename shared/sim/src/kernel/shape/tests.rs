//! Whatever is wrong with a call by itself is said before anything is looked up.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::*;
use crate::World;
use crate::kernel::Service;
use crate::world::shapes;

const SERVICES: [Service; 3] = [Service::Ec2, Service::Rds, Service::Lattice];

/// Every operation that has a shape.
fn operations() -> impl Iterator<Item = (Service, &'static str, Shape)> {
    SERVICES.into_iter().flat_map(|service| {
        let all = shapes(service).iter().flat_map(|shapes| shapes.iter());
        all.map(move |(action, shape)| (service, *action, *shape))
    })
}

/// What an empty account says to a call.
fn answer(service: Service, action: &str, members: Value) -> Result<Value, Fault> {
    let mut world = World::new("us-east-1", Timestamp::UNIX_EPOCH, 1);
    world.switches.throttling = false;
    world.answer(&Call::new(service, action, members))
}

/// What is required of a structure, well formed; in an empty account there is no such thing.
fn right(shape: Shape) -> Value {
    let required = shape.iter().filter(|member| member.is_required);
    required
        .map(|member| (member.name.to_owned(), value(member.form)))
        .collect::<Map<_, _>>()
        .into()
}

/// A value of this form.
fn value(form: Form) -> Value {
    match form {
        Form::Text(least, most) => "a".repeat(least.max(5).min(most)).into(),
        Form::Like(pattern) => pattern.such_as.into(),
        Form::OneOf(words) => words.first().copied().into(),
        Form::Flag => true.into(),
        Form::Number(least, _) => least.into(),
        Form::FlagText => "true".into(),
        Form::NumberText(least, _) => least.to_string().into(),
        Form::Id(prefix) => format!("{prefix}-0a1b2c3d4e5f6a7b8").into(),
        Form::PageToken => Value::Null,
        Form::List(form, least, most) => vec![value(*form); least.max(1).min(most)].into(),
        Form::Named(name, form, least, most) => {
            json!({name: vec![value(*form); least.max(1).min(most)]})
        }
        Form::Structure(shape) => right(shape),
        Form::Union(shape) => json!({shape[0].name: value(shape[0].form)}),
        Form::Map(..) => json!({"stage": "test"}),
        Form::Filters(names) => json!([{"Name": names[0], "Value": ["a"]}]),
    }
}

/// Values that are not of this form.
fn wrong(form: Form) -> Vec<Value> {
    let listed = |form: &Form, least: usize, most: usize| {
        let mut lists: Vec<Vec<Value>> = wrong(*form).into_iter().map(|item| vec![item]).collect();
        lists.extend((least > 0).then(Vec::new));
        lists.extend((most <= 1000).then(|| vec![value(*form); most + 1]));
        lists
    };
    match form {
        Form::Text(least, most) => {
            let mut texts = vec![json!(7), json!(["a"])];
            texts.extend((least > 0).then(|| json!("")));
            texts.extend((most < 10_000).then(|| "a".repeat(most + 1).into()));
            texts
        }
        Form::Like(pattern) => {
            let texts = ["no such value!".to_owned(), "a".repeat(3000), String::new()];
            let texts: Vec<Value> =
                texts.into_iter().filter(|it| !(pattern.fits)(it)).map(Value::from).collect();
            assert!(!texts.is_empty(), "everything is such as {}", pattern.such_as);
            texts
        }
        Form::OneOf(_) => vec![json!("no-such-value"), json!(7)],
        Form::Flag => vec![json!("true"), json!(1)],
        Form::FlagText => vec![json!("maybe"), json!("")],
        Form::Number(least, most) => vec![json!(least - 1), json!(most + 1), json!("7")],
        Form::NumberText(least, most) => {
            let above = most.checked_add(1).map(|number| number.to_string().into());
            let below = [json!((least - 1).to_string()), json!("seven")];
            below.into_iter().chain(above).collect()
        }
        Form::Id(prefix) => {
            let ids =
                ["no-such-id".to_owned(), format!("{prefix}-1"), format!("{prefix}-xyzxyzxy")];
            ids.map(Value::from).into()
        }
        Form::PageToken => vec![json!("no-such-token")],
        Form::List(form, least, most) => {
            let lists = listed(form, least, most).into_iter().map(Value::from);
            lists.chain([json!({"a": "b"})]).collect()
        }
        Form::Named(name, form, least, most) => {
            let lists = listed(form, least, most).into_iter().map(|list| json!({name: list}));
            lists.chain([json!("a")]).collect()
        }
        Form::Structure(shape) => wrong_structures(shape).into_iter().map(|it| it.1).collect(),
        Form::Union(shape) => {
            let (one, two) = (shape[0], shape[1]);
            let mut unions =
                vec![json!({}), json!({one.name: value(one.form), two.name: value(two.form)})];
            unions.extend(shape.iter().flat_map(|member| {
                wrong(member.form).into_iter().map(|value| json!({member.name: value}))
            }));
            unions
        }
        Form::Map(_, most) => {
            let many: Map<_, _> = (0..=most).map(|n| (n.to_string(), json!("a"))).collect();
            vec![json!({"aws:stage": "test"}), json!({"stage": 7}), many.into()]
        }
        Form::Filters(names) => vec![
            json!([{"Name": "colour", "Value": ["red"]}]),
            json!([{"Name": names[0], "Value": vec!["a"; 201]}]),
        ],
    }
}

/// Structures in which one member does not fit, is missing or is unknown, with its name.
fn wrong_structures(shape: Shape) -> Vec<(&'static str, Value)> {
    let mut all = vec![("Colour", with(right(shape), "Colour", json!("red")))];
    for member in shape {
        let values = wrong(member.form);
        all.extend(values.into_iter().map(|it| (member.name, with(right(shape), member.name, it))));
        if member.is_required {
            let mut less = right(shape);
            less.as_object_mut().expect("a structure").shift_remove(member.name);
            all.push((member.name, less));
        }
    }
    all
}

fn with(mut structure: Value, name: &str, value: Value) -> Value {
    structure[name] = value;
    structure
}

/// The words in which a service says that a call is wrong by itself.
fn is_about_form(service: Service, fault: &Fault) -> bool {
    let codes: &[&str] = match service {
        Service::Lattice => &["ValidationException"],
        Service::Rds => &["InvalidParameterValue", "MissingParameter"],
        _ => &[
            "FilterLimitExceeded",
            "InvalidID",
            "InvalidPaginationToken",
            "InvalidParameterValue",
            "InvalidPolicyDocument",
            "MissingParameter",
            "NatGatewayMalformed",
            "UnknownParameter",
        ],
    };
    let is_malformed = service == Service::Ec2 && fault.code.ends_with(".Malformed");
    fault.status == 400 && (is_malformed || codes.contains(&fault.code.as_str()))
}

#[test]
fn a_wrong_member_is_told_before_anything_is_looked_up() {
    let mut tried = 0;
    for (service, action, shape) in operations() {
        for (member, members) in wrong_structures(shape) {
            let what = || format!("{action}: {member} in {members}");
            let fault = answer(service, action, members.clone()).expect_err(&what());
            assert!(is_about_form(service, &fault), "{}: {fault:?}", what());
            let names = |text: &str| text.contains(member);
            if service == Service::Lattice {
                assert_eq!(fault.members["reason"], "fieldValidationFailed", "{}", what());
                let fields = fault.members["fieldList"].as_array().expect("a list");
                let first = fields[0]["name"].as_str().expect("a name");
                assert!(names(first) && fields[0]["message"].is_string(), "{}: {fault:?}", what());
            } else {
                assert!(names(&fault.message) || fault.code == "FilterLimitExceeded", "{fault:?}");
            }
            tried += 1;
        }
    }
    assert!(tried > 1000, "{tried}");
}

#[test]
fn what_is_well_formed_passes() {
    for (service, action, shape) in operations() {
        for member in shape {
            let members = with(right(shape), member.name, value(member.form));
            let call = Call::new(service, action, members);
            check(shapes(service), &call).unwrap_or_else(|fault| panic!("{call:?}: {fault:?}"));
        }
    }
}

/// What is required but not there: `MissingParameter`, whatever else there is to say.
#[test]
fn a_missing_member_has_a_code_of_its_own() {
    for (service, action, shape) in operations().filter(|it| it.0 != Service::Lattice) {
        if shape.iter().any(|member| member.is_required) {
            let fault = answer(service, action, json!({})).expect_err(action);
            assert_eq!(fault.code, "MissingParameter", "{action}: {fault:?}");
        }
    }
}

#[test]
fn ids_of_the_wrong_form_have_codes_of_their_own() {
    let of = |action: &str, members: Value| {
        answer(Service::Ec2, action, members).expect_err(action).code
    };
    for (action, member, code) in [
        ("DescribeVpcs", "VpcId", "InvalidVpcID.Malformed"),
        ("DescribeSubnets", "SubnetId", "InvalidSubnetID.Malformed"),
        ("DescribeSecurityGroups", "GroupId", "InvalidGroupId.Malformed"),
        ("DescribeVpcEndpoints", "VpcEndpointId", "InvalidVpcEndpointId.Malformed"),
        ("DescribeRouteTables", "RouteTableId", "InvalidRouteTableId.Malformed"),
    ] {
        assert_eq!(of(action, json!({member: ["7"]})), code);
    }
    let many = json!({"Filter": [{"Name": "vpc-id", "Value": vec!["vpc-1"; 201]}]});
    assert_eq!(of("DescribeVpcs", many), "FilterLimitExceeded");
}

/// An operation without a shape would be held against nothing.
#[test]
fn every_operation_has_a_shape() {
    let sources = [
        (
            Service::Ec2,
            concat!(include_str!("../../ec2/mod.rs"), include_str!("../../privatelink/mod.rs"),),
        ),
        (Service::Rds, include_str!("../../rds/mod.rs")),
        (Service::Lattice, include_str!("../../lattice/mod.rs")),
    ];
    for (service, source) in sources {
        let lines = source.lines().filter(|line| line.contains("=>") || line.contains(" | "));
        let names: Vec<&str> = lines
            .flat_map(|line| line.split('"').skip(1).step_by(2))
            .filter(|name| name.starts_with(char::is_uppercase))
            .collect();
        assert!(names.len() > 20, "they are found: {names:?}");
        let shapeless: Vec<_> =
            names.iter().filter(|name| of(shapes(service), name).is_none()).collect();
        assert!(shapeless.is_empty(), "no shape in {service:?}: {shapeless:?}");
    }
}
