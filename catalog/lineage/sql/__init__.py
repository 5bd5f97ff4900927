"""Column lineage read out of SQL, where a producer sends the query and not the columns.

`infer` is the event's side (which outputs, which datasets), `query` the statements' (what they write), `scope` the
names' (where they come from), `values` the expressions' (what they depend on), `relation` what passes between them.
What is inferred has an origin of its own and never touches what was observed or declared.
"""
