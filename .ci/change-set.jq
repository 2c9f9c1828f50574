# A change set as a table, what is made anew or removed first. Input is the answer of
# `aws cloudformation describe-change-set`.
def weight:
    if .Action == "Add" then 2
    elif .Action == "Modify" and .Replacement == "False" then 1
    else 0 end;
"| does | what | kind | made anew | because of |",
"|---|---|---|---|---|",
([.Changes[].ResourceChange] | sort_by(weight, .LogicalResourceId)[]
 | "| \(.Action) | \(.LogicalResourceId) | \(.ResourceType) | \(.Replacement // "") | \(
     [.Details[]?.Target | .Name // .Attribute] | unique | join(", ")) |")
