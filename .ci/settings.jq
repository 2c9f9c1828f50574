# The settings that a side's function has after the deployment, each ended by a NUL: what the
# deployment gives, else what the deployed function has, else the template's default. Input is the
# answer of `aws lambda get-function-configuration`.
.Environment.Variables as $deployed
| ($given | split("\n") | map(select(length > 0) | capture("^(?<key>[^=]+)=(?<value>.*)$"))
    | from_entries) as $given
| if $deployed == null
  then error("the settings of \($side) cannot be read: \(.Environment)") else . end
| $template[0] as $template
| $template.Resources[$side].Properties.Environment.Variables
| to_entries[]
| select(.key | startswith("TRELLIS_"))
| .key as $key
| (if .value | type != "object" then .value
   elif .value | has("Ref") then
       $given[.value.Ref] // $deployed[$key] // $template.Parameters[.value.Ref].Default
   else error("\($key) is neither a text nor a parameter") end) as $value
| if $value == null then error("there is no value for \($key)") else . end
| "\($key)=\($value)\u0000"
