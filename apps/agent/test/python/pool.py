"""An application in Python with a SQLAlchemy pool. Each line on stdin sets how many connections are held:
{"use": N, "transaction": N, "idle": N}: running a statement, idle in a transaction, back in the pool."""

import json
import os
import sys
import threading

from sqlalchemy import create_engine, text

engine = create_engine(
    os.environ["DATABASE_URL"], pool_size=10, connect_args={"application_name": os.environ["APP_NAME"]}
)

open_transactions = []


def work(connection):
    try:
        connection.execute(text("SELECT pg_sleep(600)"))
    except Exception:
        pass


for line in sys.stdin:
    wanted = json.loads(line)
    held = [engine.connect() for _ in range(sum(wanted.values()))]
    for _ in range(wanted["idle"]):
        held.pop().close()
    for _ in range(wanted["transaction"]):
        # A connection that is collected goes back to its pool.
        open_transactions.append(held.pop())
        open_transactions[-1].execute(text("SELECT 1"))
    for connection in held:
        threading.Thread(target=work, args=(connection,), daemon=True).start()
    print("done", flush=True)
