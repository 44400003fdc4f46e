-- What an evaluation says beyond the first four figures: intervals, curves, sub-groups.
ALTER TABLE evaluation ADD COLUMN balanced_accuracy DOUBLE;
ALTER TABLE evaluation ADD COLUMN auc DOUBLE;
ALTER TABLE evaluation ADD COLUMN accuracy_low DOUBLE;
ALTER TABLE evaluation ADD COLUMN accuracy_high DOUBLE;
ALTER TABLE evaluation ADD COLUMN accuracy_3_low DOUBLE;
ALTER TABLE evaluation ADD COLUMN accuracy_3_high DOUBLE;
ALTER TABLE evaluation ADD COLUMN macro_f1_low DOUBLE;
ALTER TABLE evaluation ADD COLUMN macro_f1_high DOUBLE;
COMMENT ON COLUMN evaluation.balanced_accuracy IS 'Mean over the emotions of recall, 0 to 1';
COMMENT ON COLUMN evaluation.auc IS 'Area under the ROC curve, each emotion against the rest, mean over the emotions, 0 to 1';
COMMENT ON COLUMN evaluation.accuracy_low IS 'Lower end of the 95 percent bootstrap interval (by face) of accuracy';
COMMENT ON COLUMN evaluation.accuracy_high IS 'Upper end of the 95 percent bootstrap interval (by face) of accuracy';
COMMENT ON COLUMN evaluation.accuracy_3_low IS 'Lower end of the 95 percent bootstrap interval (by face) of accuracy_3';
COMMENT ON COLUMN evaluation.accuracy_3_high IS 'Upper end of the 95 percent bootstrap interval (by face) of accuracy_3';
COMMENT ON COLUMN evaluation.macro_f1_low IS 'Lower end of the 95 percent bootstrap interval (by face) of macro_f1';
COMMENT ON COLUMN evaluation.macro_f1_high IS 'Upper end of the 95 percent bootstrap interval (by face) of macro_f1';

ALTER TABLE evaluation_class ADD COLUMN auc DOUBLE;
ALTER TABLE evaluation_class ADD COLUMN average_precision DOUBLE;
COMMENT ON COLUMN evaluation_class.auc IS 'Area under the ROC curve of this emotion against the rest, 0 to 1; NULL where undefined';
COMMENT ON COLUMN evaluation_class.average_precision IS 'Area under the precision-recall curve, 0 to 1; NULL where undefined';

CREATE TABLE evaluation_curve (
    evaluation_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL CHECK (kind IN ('roc', 'pr', 'calibration')),
    emotion emotion_name,
    point INTEGER NOT NULL,
    x DOUBLE NOT NULL,
    y DOUBLE NOT NULL,
    faces INTEGER
);
COMMENT ON TABLE evaluation_curve IS 'Curves of an evaluation, thinned to what a screen shows';
COMMENT ON COLUMN evaluation_curve.evaluation_id IS 'The evaluation';
COMMENT ON COLUMN evaluation_curve.kind IS 'roc, pr (precision over recall) or calibration';
COMMENT ON COLUMN evaluation_curve.emotion IS 'The emotion against the rest; NULL for calibration, which is of the predicted emotion';
COMMENT ON COLUMN evaluation_curve.point IS 'Place along the curve, from 0';
COMMENT ON COLUMN evaluation_curve.x IS 'False positive rate (roc), recall (pr) or mean stated probability (calibration), 0 to 1';
COMMENT ON COLUMN evaluation_curve.y IS 'True positive rate (roc), precision (pr) or share that is right (calibration), 0 to 1';
COMMENT ON COLUMN evaluation_curve.faces IS 'Faces in the bin (calibration); NULL otherwise';

CREATE TABLE evaluation_group (
    evaluation_id VARCHAR NOT NULL,
    grouping VARCHAR NOT NULL,
    value VARCHAR NOT NULL,
    n INTEGER NOT NULL,
    accuracy DOUBLE,
    accuracy_3 DOUBLE,
    macro_f1 DOUBLE
);
COMMENT ON TABLE evaluation_group IS 'An evaluation, by sub-group of the faces, where the data set has them';
COMMENT ON COLUMN evaluation_group.evaluation_id IS 'The evaluation';
COMMENT ON COLUMN evaluation_group.grouping IS 'What the groups are by: gender, source, or twin_in_training (whether training had the same picture, or nearly)';
COMMENT ON COLUMN evaluation_group.value IS 'The group, such as F or IIMI';
COMMENT ON COLUMN evaluation_group.n IS 'Faces in the group';
COMMENT ON COLUMN evaluation_group.accuracy IS 'As in evaluation, of this group';
COMMENT ON COLUMN evaluation_group.accuracy_3 IS 'As in evaluation, of this group';
COMMENT ON COLUMN evaluation_group.macro_f1 IS 'As in evaluation, of this group';

COMMENT ON TABLE model IS 'Every network known here: those that analysed something, those at hand, and those only measured';
COMMENT ON COLUMN model.card IS 'model.json as it was, without single predictions; "weights": false where only figures are kept';
COMMENT ON COLUMN model.added_at IS 'When it was first seen here (UTC)';
COMMENT ON TABLE prediction_sample IS 'Predictions of an evaluation, one row per face';
COMMENT ON COLUMN training_epoch.epoch IS 'Number of the epoch, as in the curves of the training: from 0 where Keras counted';
