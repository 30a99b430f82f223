"""How the collector listens to connections."""

from django.db import connections

from larder_wagtail import collect


def test_a_connection_made_inside_somebodys_wrapper_is_listened_to_after_it():
    connection = connections.create_connection("default")

    def counts(execute, *arguments):
        return execute(*arguments)

    with connection.execute_wrapper(counts):  # around a request, say, that is the first of its thread
        collect.listen(connection)
    assert connection.execute_wrappers == [collect.note_query]
