"""Grade notebooks: run the tests here, and the students' functions in a sandbox.

Students have the files that tools/publish/students.txt lists, so that they can try the grader on
their notebook (`make try`). These files need only the packages of the group `lab`, and contain no
hidden tests or solutions.
"""
