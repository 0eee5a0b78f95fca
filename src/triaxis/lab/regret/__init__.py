"""Is the advice any good on prompts it has not seen? Advise on half of the prompts, pay for it on the other half."""

from triaxis.lab.regret.run import Regrets, regret_of_store, regrets

__all__ = ["Regrets", "regret_of_store", "regrets"]
