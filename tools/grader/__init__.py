"""The grader: it runs the tests, and students' functions in a sandbox.

Students have the part that tools/publish/students.txt lists, to try the grader on their own
notebook (`make try`). It needs no package beyond those of the group `lab`. Hidden tests and
solutions are in other files.
"""
