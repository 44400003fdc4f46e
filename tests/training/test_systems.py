"""The five systems' claims: complete, in range, and readable without a network library."""

import subprocess
import sys

from db.emotions import CATEGORIES, EMOTIONS
from training.systems import CLAIMS, IMAGENET, REFERENCES, SCRATCH


def test_every_system_has_a_claim_and_the_best_are_those_that_the_issue_names():
    assert {claim.system for claim in CLAIMS} == set("ABCDE")
    assert max(claim.accuracy for claim in CLAIMS if claim.accuracy) == 0.6293
    assert max(claim.accuracy_3 for claim in CLAIMS if claim.accuracy_3) == 0.78


def test_shares_are_shares_and_classes_are_ours():
    for claim in CLAIMS:
        shares = [claim.accuracy, claim.accuracy_3, claim.train_accuracy, *(claim.per_class_f1 or {}).values()]
        assert all(0 < share < 1 for share in shares if share is not None), claim
        assert claim.per_class_f1 is None or set(claim.per_class_f1) == set(EMOTIONS)
        assert claim.per_category_f1 is None or set(claim.per_category_f1) == set(CATEGORIES)
        assert claim.start in (IMAGENET, SCRATCH)
    assert [reference.name for reference in REFERENCES][0] == "fer"


def test_claims_need_no_network_library():
    code = "import sys, training.systems; print(any(name in sys.modules for name in ('keras', 'numpy')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
