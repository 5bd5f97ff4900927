"""Where each member of a subject comes from: one file for each kind of subject, one line for each member.

A member that a file does not name is the attribute or the document's field of the same name: a shape that gains
`risk` is filled from `risk` without further ado.
"""
