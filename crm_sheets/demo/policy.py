"""Who may see what in the made-up team, and who of them has a workbook of their own: the words of its config."""

from string import Template

from crm_sheets.language import Language

VIEWERS = ("S001", "S006", "K011", "F001")
"""A manager, a seller, a service agent, the accountant: enough to see what each role gets, and made in seconds."""

_SECTIONS = Template("""
[views]
enabled = true
folder = "$folder"
people = [$people]   # left out: everybody whom a grant lets see anything
summaries = ["department_manager"]

# The shared workbook: for administrators, who see everything.
[[grant]]
role = "shared"
tab = "*"
columns = { "*" = "edit" }
create = "all"
delete = "allow"

[[grant]]
role = "*"
tab = "people"
columns = { id = "read", name = "read", department = "read", group = "read", manager = "read" }

# Sellers: their own customers, and what hangs on these. The annual budget is not for them.
[[grant]]
role = ["sales", "group_lead"]
tab = ["customers", "follow_ups", "opportunities", "orders", "order_lines", "contracts"]
rows = "own"
create = "own"
delete = "allow"
columns = { "*" = "edit", annual_budget = "hidden" }

# They may ask whether a customer is known already: yes or no, and whose department's.
[[grant]]
role = ["sales", "group_lead", "service"]
tab = "lookups"
rows = "own"
create = "own"
delete = "allow"
columns = { "*" = "edit" }

[[grant]]
role = ["sales", "group_lead", "service"]
tab = ["follow_ups", "services", "feedback"]
rows = ["own", "customer"]
columns = { "*" = "read" }

[[grant]]
role = "service"
tab = ["services", "feedback", "follow_ups"]
rows = "own"
create = "own"
columns = { "*" = "edit" }

# Managers: the whole department, but of follow-ups of their people only how these went on.
[[grant]]
role = "department_manager"
tab = ["customers", "targets", "performance"]
rows = "department"
columns = { "*" = "read", private_note = "hidden", id_number = "hidden" }

# And all that hangs on these customers: a sum of rows that they may not all see would not be for them either.
[[grant]]
role = "department_manager"
tab = ["follow_ups", "opportunities", "stage_history", "orders", "order_lines", "payments", "contracts"]
rows = ["department", "customer"]
columns = { "*" = "read" }

[[grant]]
role = "department_manager"
tab = "follow_ups"
rows = "reports"
columns = { done_at = "edit", result = "edit", next_step = "edit", next_at = "edit" }

# What they decide after a month, they write into their own workbook.
[[grant]]
role = "department_manager"
tab = "reviews"
rows = "department"
create = "all"
columns = { "*" = "edit" }

# Finance: the payments of customers that have bought.
[[grant]]
role = "finance"
tab = "payments"
rows = { where = "customer.status == '$won'" }
columns = { "*" = "read", paid_on = "edit", amount = "edit", method = "edit" }

[[grant]]
role = "finance"
tab = ["orders", "contracts"]
columns = { "*" = "read" }

# Private notes are their author's.
[[deny]]
role = "*"
tab = "customers"
columns = ["private_note"]
cap = "hidden"
when = "not user.owns and user.role != 'shared'"
reason = "$private"
""")


def policy(words: Language) -> str:
    """Sections [views], [lookups] and [[grant]] for config.toml."""
    return _SECTIONS.substitute(
        folder=words.text("demo.views"),
        people=", ".join(f'"{number}"' for number in VIEWERS),
        won=words.text("value.customer_status.won"),
        private=words.text("demo.private"),
    )
