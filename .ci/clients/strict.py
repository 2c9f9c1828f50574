"""Holds every answer against AWS's own model of it.

boto3 drops what it does not know without a word. Here an element or a member that the model does
not have, a required one that is missing, and a value that is none of an enum's fail the call.
"""

import json
import xml.etree.ElementTree as ElementTree

# Where AWS answers otherwise than its own model says (in lower case, or in other words).
OTHERWISE = {"State", "AssociatedResourceAccessibility"}


def hold(client):
    """From now on the client's answers are checked before they are parsed."""
    client.meta.events.register("before-parse", check)


def check(operation_model, response_dict, **_):
    """An answer that succeeded has the shape of the model's output."""
    if response_dict["status_code"] >= 300:
        return
    wrong = []
    body, shape = response_dict["body"], operation_model.output_shape
    protocol = operation_model.service_model.metadata["protocol"]
    if protocol in ("ec2", "query"):
        root = ElementTree.fromstring(body)
        strip_namespaces(root)
        expect(root.tag == f"{operation_model.name}Response", wrong, f"the root is {root.tag}")
        if protocol == "query":
            root = root.find(f"{operation_model.name}Result")
        if protocol == "ec2":
            identifier = root.find("requestId")
            expect(identifier is not None, wrong, "there is no requestId")
            if identifier is not None:
                root.remove(identifier)
            flag = root.find("return")
            if flag is not None and "Return" not in (shape.members if shape else {}):
                root.remove(flag)
        if root is not None:
            walk_xml(root, shape, operation_model.name, wrong)
    elif body:
        walk_json(json.loads(body), shape, operation_model.name, wrong)
    assert not wrong, "; ".join(wrong)


def expect(holds, wrong, message):
    """Notes what does not hold."""
    if not holds:
        wrong.append(message)


def strip_namespaces(element):
    """Names as the model has them."""
    for each in element.iter():
        each.tag = each.tag.rsplit("}", 1)[-1]


def walk_xml(element, shape, path, wrong):
    """An element of the query protocols."""
    if shape is None:
        expect(len(element) == 0, wrong, f"{path} is empty in the model")
    elif shape.type_name == "structure":
        known = {member.serialization.get("name", name): (name, member)
                 for name, member in shape.members.items()}
        for child in element:
            if child.tag not in known:
                wrong.append(f"the model has no {path}.{child.tag}")
                continue
            walk_xml(child, known[child.tag][1], f"{path}.{child.tag}", wrong)
        there = {child.tag for child in element}
        for tag, (name, _) in known.items():
            expect(name not in shape.required_members or tag in there, wrong,
                   f"{path}.{tag} is missing")
    elif shape.type_name == "list":
        tag = shape.member.serialization.get("name", "member")
        for child in element:
            expect(child.tag == tag, wrong, f"{path} has {child.tag}, not {tag}")
            walk_xml(child, shape.member, f"{path}.{tag}", wrong)
    else:
        scalar(element.text or "", shape, path, wrong)


def walk_json(value, shape, path, wrong):
    """A value of the JSON protocols."""
    if shape is None:
        expect(value in ({}, None), wrong, f"{path} is empty in the model")
    elif shape.type_name == "structure":
        known = {member.serialization.get("name", name): member
                 for name, member in shape.members.items()}
        for name, each in value.items():
            if name in known:
                walk_json(each, known[name], f"{path}.{name}", wrong)
            else:
                wrong.append(f"the model has no {path}.{name}")
        for name in shape.required_members:
            expect(name in value, wrong, f"{path}.{name} is missing")
    elif shape.type_name == "list":
        for each in value:
            walk_json(each, shape.member, f"{path}[]", wrong)
    elif shape.type_name == "map":
        for each in value.values():
            walk_json(each, shape.value, f"{path}{{}}", wrong)
    else:
        expect(value is not None, wrong, f"{path} is null")
        scalar(value, shape, path, wrong)


def scalar(value, shape, path, wrong):
    """A text, a number, a boolean, a time."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if shape.type_name in ("integer", "long"):
        expect(text.lstrip("-").isdigit(), wrong, f"{path} is no number: {text}")
    elif shape.type_name == "boolean":
        expect(text in ("true", "false"), wrong, f"{path} is no boolean: {text}")
    elif getattr(shape, "enum", None):
        is_known = text in shape.enum or path.rsplit(".", 1)[-1].lower() in {
            name.lower() for name in OTHERWISE
        }
        expect(is_known, wrong, f"{path} is none of the model's values: {text}")
